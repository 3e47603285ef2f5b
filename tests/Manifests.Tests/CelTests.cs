using System.Text;
using BitbucketOperator.Manifests.Cel;

namespace BitbucketOperator.Manifests.Tests;

public sealed class CelTests
{
    private static readonly Dictionary<string, object?> Self = new(StringComparer.Ordinal)
    {
        ["text"] = "PLAT/api", ["one"] = 1L, ["half"] = 0.5, ["yes"] = true,
        ["list"] = new List<object?> { 3L, 1L, 2L }, ["words"] = new List<object?> { "a", "b" },
        ["map"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["k"] = "v" }, ["set"] = new CelUnorderedList(["a"]),
    };

    [Theory]
    [InlineData("has(self.text) && !has(self.absent) && has(self.map.k)")]
    [InlineData("self.absent == 1 || true")]
    [InlineData("true || self.absent == 1")]
    [InlineData("!(false && self.absent == 1) && !(self.absent == 1 && false)")]
    [InlineData("self.yes ? true : self.absent")]
    [InlineData("false ? self.absent : true ? true : false")]
    [InlineData("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3 && -7 % 3 == -1 && 5 - 2 - 1 == 2")]
    [InlineData("0x1F == 31 && 1.5 + 1.5 == 3.0 && 1e3 == 1000.0 && .5 == self.half && - self.one == -1")]
    [InlineData("1 == 1.0 && 1 < 1.5 && 2.5 > 2 && 'a' < 'b' && 1 != '1' && null == null")]
    [InlineData("'a' + \"b\" == 'ab' && r'\\d' == '\\\\d' && '\\u00e9\\n' == 'é\\n' && '''it's''' == 'it\\'s'")]
    [InlineData("[1, 2] + [3] == [1, 2, 3] && [1, 2][1] == 2 && 2 in [1, 2] && !(3 in [1, 2]) && [] == []")]
    [InlineData("{'a': 1}['a'] == 1 && 'a' in {'a': 1} && {'a': [1]} == {'a': [1]} && self.map['k'] == 'v'")]
    [InlineData("self.list.all(x, x > 0) && self.list.exists(x, x == 2) && self.list.exists_one(x, x == 2) && !self.list.all(x, x > 1)")]
    [InlineData("self.list.filter(x, x > 1) == [3, 2] && self.list.map(x, x * 2) == [6, 2, 4] && self.list.map(x, x > 1, x) == [3, 2]")]
    [InlineData("self.map.all(k, k == 'k') && self.list.exists(x, self.words.exists(w, w == 'b' && x == 3))")]
    [InlineData("[1, 0].exists(x, 2 / x == 2) && !([0, 1].all(x, 1 / x == 2))")]
    [InlineData("size(self.text) == 8 && self.list.size() == 3 && size(self.map) == 1 && '😀'.size() == 1")]
    [InlineData("self.text.matches('^[A-Z]+/[a-z]+$') && matches('a', 'a') && !'a\\n'.matches('^a$') && !'é'.matches('^\\\\w$')")]
    [InlineData("'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b') && !'abc'.contains('d')")]
    [InlineData("'a/b'.split('/') == ['a', 'b'] && 'ab'.split('') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && ['a'].join() == 'a'")]
    [InlineData("'aBÉ'.lowerAscii() == 'abÉ' && 'aé'.upperAscii() == 'Aé' && ' a '.trim() == 'a' && 'aa'.replace('a', 'b') == 'bb'")]
    [InlineData("[1, 2].isSorted() && !self.list.isSorted() && self.list.min() == 1 && self.list.max() == 3")]
    [InlineData("string(1) == '1' && string(true) == 'true' && int('12') == 12 && int(1.9) == 1 && double('1.5') == 1.5 && bool('true') && dyn(1) == 1")]
    [InlineData("duration('1h30m') == duration('90m') && duration('1.5s') > duration('1499ms') && duration('2h') - duration('30m') == duration('90m')")]
    [InlineData(
        "duration('90m').getHours() == 1 && duration('90m').getMinutes() == 90 && duration('-1s').getSeconds() == -1 && duration('0') < duration('1ns')")]
    [InlineData("timestamp('2027-01-31T00:00:00Z') < timestamp('2027-01-31T00:00:00.5Z') && timestamp('2027-01-31T01:00:00+01:00') == "
        + "timestamp('2027-01-31T00:00:00Z')")]
    [InlineData("isURL('https://a:80/b') && isURL('/b') && !isURL('b') && !isURL('') && !isURL('http://a b/') && !isURL('http://a/%zz')")]
    [InlineData("url('https://u@a.example.com:80/b%20c?q#f').getHost() == 'a.example.com:80' && url('https://[::1]:80/').getHostname() == '::1' && "
        + "url('https://a:80').getPort() == '80'")]
    [InlineData("url('HTTPS://a/b%20c?q').getScheme() == 'https' && url('https://a/b%20c?q').getEscapedPath() == '/b%20c' && "
        + "url('https://a/é').getEscapedPath() == '/%C3%A9'")]
    [InlineData("// a comment\n true // another")]
    public void Expression_IsTrue(string text) => CelProgram.Compile(text).Evaluate(Self).ShouldBe(true);

    [Theory]
    [InlineData("self.absent == 1", "no such key: absent")]
    [InlineData("self.list[3] == 1", "index out of bounds: 3")]
    [InlineData("1 / 0 == 1", "division by zero")]
    [InlineData("9223372036854775807 + 1 == 0", "integer overflow")]
    [InlineData("'a' + 1 == 'a1'", "no such overload")]
    [InlineData("'a' && true", "no such overload")]
    [InlineData("self.absent == 1 || false", "no such key: absent")]
    [InlineData("[1, 0].all(x, 1 / x == 1)", "division by zero")]
    [InlineData("duration('soon') > duration('1s')", "type conversion error from 'string' to 'google.protobuf.Duration'")]
    [InlineData("duration('99999999999h') > duration('1s')", "type conversion error from 'string' to 'google.protobuf.Duration'")]
    [InlineData("'a'.matches('(')", "the regular expression is not valid or not supported")]
    [InlineData("self.set == ['a']", "comparing lists of type set or map is not supported")]
    [InlineData("other == 1", "undeclared reference to 'other'")]
    public void Evaluation_ThatCannotBe_IsAnError(string text, string message) =>
        Should.Throw<CelException>(() => CelProgram.Compile(text).Evaluate(Self)).Message.ShouldBe(message);

    [Theory]
    [InlineData("ip('1.2.3.4').isGlobalUnicast()", "the function ip with 1 arguments is not supported")]
    [InlineData("'a'.format([1])", "the function format with 1 arguments is not supported")]
    [InlineData("size()", "the function size with 0 arguments is not supported")]
    [InlineData("self.?a", "unexpected ?")]
    [InlineData("1u == 1u", "literals of the form 1u are not supported")]
    [InlineData("b'a' == b'a'", "literals of the form b'' are not supported")]
    [InlineData("self.__namespace__ == 'a'", "escaped names such as __namespace__ are not supported")]
    [InlineData("has(self)", "has() takes the selection of a field")]
    [InlineData("self.list.all(x)", "the function all with 1 arguments is not supported")]
    [InlineData("1 +", "unexpected the end")]
    [InlineData("(1", "unexpected the end")]
    [InlineData("1 1", "unexpected 1")]
    [InlineData("'a", "a text is not closed")]
    [InlineData("a = b", "unexpected character at 3")]
    [InlineData("", "unexpected the end")]
    public void Expression_ThatIsNotKnown_DoesNotCompile(string text, string message) =>
        Should.Throw<CelException>(() => CelProgram.Compile(text)).Message.ShouldBe(message);

    [Fact]
    public void Pattern_IsMadeIntoARegularExpressionOnce()
    {
        var program = CelProgram.Compile("self.matches('^[a-z]+(-[a-z]+)*$')");
        program.Evaluate("warm-up").ShouldBe(true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            program.Evaluate("warm-up").ShouldBe(true);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(500_000);
    }

    [Fact]
    public void Nesting_WithoutEnd_DoesNotCompile() =>
        Should.Throw<CelException>(() => CelProgram.Compile(new string('(', 5000))).Message.ShouldBe("nested deeper than 100 levels");

    [Fact]
    public void Variables_AreThoseThatMacrosDoNotBind() =>
        CelProgram.Compile("self.a.all(x, x == oldSelf.b)").Variables.ShouldBe(["self", "oldSelf"], ignoreOrder: true);

    [Theory]
    [InlineData("[[:alpha:]]")]
    [InlineData(@"\pL")]
    [InlineData("(?P<a>b)")]
    [InlineData("(?=a)")]
    [InlineData(@"(a)\1")]
    [InlineData("(")]
    public void RegularExpression_ThatIsReadOtherwise_IsRefused(string pattern) => Should.Throw<ArgumentException>(() => Re2.ToRegex(pattern));

    [Theory]
    [InlineData("^[^]a]$", "b", true)]
    [InlineData("^[]a]$", "]", true)]
    [InlineData("^[[]$", "[", true)]
    [InlineData("a$", "a\n", false)]
    [InlineData(@"^\$[$]$", "$$", true)]
    [InlineData("(?i)^A$", "a", true)]
    [InlineData("(?:a|b)c", "bc", true)]
    [InlineData(@"^[\d.]+$", "1.2", true)]
    [InlineData(@"^\d$", "٣", false)]
    [InlineData("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void RegularExpression_MatchesAsRe2(string pattern, string text, bool matches) => Re2.ToRegex(pattern).IsMatch(text).ShouldBe(matches);
}
