namespace Webmail.MailCore.Model;

/// <summary>
/// The flags of a message as bits: 0 to 4 are the system flags, 8 to 62 are the account's keywords (see <see cref="KeywordTable"/>).
/// \Recent is not here: it is a fact of a session, not of a message.
/// </summary>
public readonly record struct FlagSet(long Bits)
{
    public static readonly FlagSet None = new(0);
    public static readonly FlagSet Answered = new(1);
    public static readonly FlagSet Flagged = new(2);
    public static readonly FlagSet Deleted = new(4);
    public static readonly FlagSet Seen = new(8);
    public static readonly FlagSet Draft = new(16);

    /// <summary>The first bit that can be a keyword's.</summary>
    public const int FirstKeywordBit = 8;

    /// <summary>The last bit that can be a keyword's: at most 55 keywords an account.</summary>
    public const int LastKeywordBit = 62;

    public static FlagSet Keyword(int bit) => new(1L << bit);

    public bool Has(FlagSet other) => (Bits & other.Bits) == other.Bits;

    public static FlagSet operator |(FlagSet a, FlagSet b) => new(a.Bits | b.Bits);

    public static FlagSet operator &(FlagSet a, FlagSet b) => new(a.Bits & b.Bits);

    public FlagSet Without(FlagSet other) => new(Bits & ~other.Bits);
}

/// <summary>STORE's three forms.</summary>
public enum FlagOperation
{
    Replace,
    Add,
    Remove,
}

/// <summary>A change to make to some messages' flags. <see cref="FlagOperation.Replace"/> sets exactly <see cref="Flags"/>.</summary>
public readonly record struct FlagChange(FlagOperation Operation, FlagSet Flags)
{
    public FlagSet Apply(FlagSet before) => Operation switch
    {
        FlagOperation.Add => before | Flags,
        FlagOperation.Remove => before.Without(Flags),
        _ => Flags,
    };
}

/// <summary>The names of an account's keywords; a snapshot, replaced when a keyword is added. Case-insensitive, case kept as first written.</summary>
public sealed class KeywordTable
{
    private readonly string?[] _names = new string?[64];
    private readonly Dictionary<string, int> _bits = new(StringComparer.OrdinalIgnoreCase);

    public static readonly KeywordTable Empty = new([]);

    public KeywordTable(IEnumerable<(int Bit, string Name)> keywords)
    {
        foreach (var (bit, name) in keywords)
        {
            _names[bit] = name;
            _bits[name] = bit;
        }
    }

    public int Count => _bits.Count;

    public string? NameOf(int bit) => _names[bit];

    public bool TryGetBit(string name, out int bit) => _bits.TryGetValue(name, out bit);

    /// <summary>Every keyword's name, in the order of their bits.</summary>
    public IEnumerable<string> Names => _names.Where(n => n is not null)!;

    /// <summary>The names of the keywords in a set, in the order of their bits.</summary>
    public IEnumerable<string> NamesIn(FlagSet flags)
    {
        for (var bit = FlagSet.FirstKeywordBit; bit <= FlagSet.LastKeywordBit; bit++)
        {
            if ((flags.Bits & (1L << bit)) != 0 && _names[bit] is { } name)
                yield return name;
        }
    }
}
