using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>Message ids as threading uses them: what stands between the angle brackets, hashed to 64 bits.</summary>
internal static class MessageIds
{
    /// <summary>The most ids that are kept of one message: its own, its parent, the first of the thread and the last ones.</summary>
    public const int Max = 100;

    /// <summary>Own id first, then In-Reply-To, then References; each once.</summary>
    public static IReadOnlyList<long> Hashes(string? own, string? inReplyTo, string? references)
    {
        var hashes = new List<long>();
        foreach (var id in Parse(own).Take(1).Concat(Parse(inReplyTo).Take(10)).Concat(Ends(Parse(references))))
        {
            var hash = Hash(id);
            if (hashes.Count < Max && !hashes.Contains(hash))
                hashes.Add(hash);
        }

        return hashes;
    }

    /// <summary>
    /// Own id (0: none), then the ancestors, the parent last (RFC 5256 section 3, step 1A): those in References, or where there are none the first in In-Reply-To.
    /// </summary>
    public static byte[] Ancestry(string? own, string? inReplyTo, string? references)
    {
        IReadOnlyList<string> ancestors = [.. Ends(Parse(references))];
        if (ancestors.Count == 0)
            ancestors = [.. Parse(inReplyTo).Take(1)];
        var octets = new byte[8 * (1 + ancestors.Count)];
        if (Parse(own) is [var id, ..])
            BinaryPrimitives.WriteInt64BigEndian(octets, Hash(id));
        for (var i = 0; i < ancestors.Count; i++)
            BinaryPrimitives.WriteInt64BigEndian(octets.AsSpan(8 * (i + 1)), Hash(ancestors[i]));
        return octets;
    }

    /// <summary>The ids in a field, without brackets and white space. In-Reply-To may hold other words (RFC 5322 section 4.5.4): they are passed over.</summary>
    public static List<string> Parse(string? value)
    {
        var ids = new List<string>();
        var rest = value.AsSpan();
        while (rest.IndexOf('<') is var open and >= 0)
        {
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('>');
            if (close < 0)
                break;
            if (close > 0)
                ids.Add(rest[..close].ToString().Replace(" ", "", StringComparison.Ordinal));
            rest = rest[(close + 1)..];
        }

        // An id without brackets is taken as it is where it stands alone.
        if (ids.Count == 0 && value is not null && value.Trim() is { Length: > 2 } bare && bare.Contains('@', StringComparison.Ordinal) && !bare.Contains(' ', StringComparison.Ordinal))
            ids.Add(bare.Trim('<', '>'));
        return ids;
    }

    public static long Hash(string id)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }

    private static IEnumerable<string> Ends(List<string> ids) =>
        ids.Count <= Max - 20 ? ids : ids.Take(1).Concat(ids.Skip(ids.Count - (Max - 20)));
}
