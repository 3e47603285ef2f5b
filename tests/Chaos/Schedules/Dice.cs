namespace BitbucketOperator.Chaos.Schedules;

/// <summary>Chance that is the same for a seed on every machine and in every version (SplitMix64).</summary>
internal sealed class Dice(long seed)
{
    private ulong _state = unchecked((ulong)seed);

    /// <summary>A number from 0 up to, and without, <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>A number between two, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool OneIn(int many) => Below(many) == 0;

    public T OneOf<T>(IReadOnlyList<T> all) => all[Below(all.Count)];

    public T OneOf<T>()
        where T : struct, Enum => OneOf(Enum.GetValues<T>());

    private ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = _state;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
