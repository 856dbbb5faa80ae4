using System.Collections.Frozen;
using System.Text;

namespace Webmail.Protocols.Imap;

/// <summary>Looks up protocol words in any case, straight from the octets received. An unknown or overlong word gives null.</summary>
internal sealed class NameTable<T>
    where T : class
{
    private const int MaxName = 64;

    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private readonly Func<T, string> _nameOf;
    private readonly string _place;

    /// <param name="place">Where its words stand, as <see cref="Feature.Words"/> says it: "FETCH". Empty: none of them can be switched off.</param>
    public NameTable(IEnumerable<T> all, Func<T, string> nameOf, string place = "")
    {
        All = [.. all];
        _nameOf = nameOf;
        _place = place;
        _lookup = All.ToFrozenDictionary(nameOf, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>In the order of the table.</summary>
    public IReadOnlyList<T> All { get; }

    /// <summary>Null also for a word that was switched off for this client.</summary>
    public T? Find(ReadOnlySpan<byte> name, ReaderRules rules) =>
        Find(name) is { } found && !(rules.Off is not null && rules.Lacks($"{_place} {_nameOf(found)}")) ? found : null;

    public T? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxName)
            return null;
        Span<char> chars = stackalloc char[MaxName];
        Encoding.Latin1.GetChars(name, chars);
        return _lookup.TryGetValue(chars[..name.Length], out var found) ? found : null;
    }
}
