using BitbucketOperator.Runtime.Informers;
using k8s.Models;

namespace BitbucketOperator.Runtime.Tests;

public sealed class EntityChangeTests
{
    private static readonly DateTime Time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    public static TheoryData<string, Action<V1ObjectMeta>> Relevant => new()
    {
        { "generation", m => m.Generation = 2 },
        { "annotation", m => m.Annotations = new Dictionary<string, string> { ["a"] = "2" } },
        { "annotation removed", m => m.Annotations = null },
        { "label", m => m.Labels = new Dictionary<string, string> { ["a"] = "1" } },
        { "finalizer", m => m.Finalizers = ["x/y"] },
        { "deletion", m => m.DeletionTimestamp = Time },
        { "owner", m => m.OwnerReferences = [new() { ApiVersion = "v1", Kind = "K", Name = "n", Uid = "u" }] },
        { "uid", m => m.Uid = "u2" },
    };

    [Theory]
    [MemberData(nameof(Relevant))]
    public void ChangeThatMatters_NeedsAPass(string what, Action<V1ObjectMeta> change) =>
        EntityChange.NeedsReconcile(Object(), Object().With(change)).ShouldBeTrue(what);

    [Fact]
    public void StatusAndManagedFieldsAlone_DoNot()
    {
        var after = Object().Phase("Ready").With(m => (m.ResourceVersion, m.ManagedFields) = ("2", [new()]));
        EntityChange.NeedsReconcile(Object(), after).ShouldBeFalse();
    }

    [Fact]
    public void AppearedOrGone_NeedsAPass()
    {
        EntityChange.NeedsReconcile(null, Object()).ShouldBeTrue();
        EntityChange.NeedsReconcile(Object(), null).ShouldBeTrue();
    }

    [Fact]
    public void KindWithoutGenerations_IsComparedByVersion()
    {
        var (a, b) = (Object().With(m => m.Generation = null), Object().With(m => (m.Generation, m.ResourceVersion) = (null, "2")));
        EntityChange.NeedsReconcile(a, b).ShouldBeTrue();
    }

    private static Widget Object() => Given.Widget().With(m => m.Annotations = new Dictionary<string, string> { ["a"] = "1" });
}
