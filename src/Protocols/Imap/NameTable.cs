using System.Collections.Frozen;
using System.Text;

namespace Webmail.Protocols.Imap;

/// <summary>Looks up protocol words in any case, straight from the octets received. An unknown or overlong word gives null.</summary>
internal sealed class NameTable<T>
    where T : class
{
    private const int MaxName = 64;

    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public NameTable(IEnumerable<T> all, Func<T, string> nameOf)
    {
        All = [.. all];
        _lookup = All.ToFrozenDictionary(nameOf, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>In the order of the table.</summary>
    public IReadOnlyList<T> All { get; }

    public T? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxName)
            return null;
        Span<char> chars = stackalloc char[MaxName];
        Encoding.Latin1.GetChars(name, chars);
        return _lookup.TryGetValue(chars[..name.Length], out var found) ? found : null;
    }
}
