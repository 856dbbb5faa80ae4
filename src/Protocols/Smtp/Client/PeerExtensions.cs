using System.Globalization;

namespace Webmail.Protocols.Smtp.Client;

/// <summary>What the peer's EHLO or LHLO offered, as far as we use it.</summary>
/// <param name="SizeLimit">0: none was said.</param>
internal sealed record PeerExtensions(
    bool Pipelining, bool StartTls, bool EightBitMime, bool SmtpUtf8, bool Dsn, bool Size, long SizeLimit)
{
    public static readonly PeerExtensions None = new(false, false, false, false, false, false, 0);

    public static PeerExtensions Parse(IReadOnlyList<string> lines)
    {
        var offered = None;
        foreach (var line in lines.Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            offered = words.Length == 0 ? offered : words[0].ToUpperInvariant() switch
            {
                "PIPELINING" => offered with { Pipelining = true },
                "STARTTLS" => offered with { StartTls = true },
                "8BITMIME" => offered with { EightBitMime = true },
                "SMTPUTF8" => offered with { SmtpUtf8 = true },
                "DSN" => offered with { Dsn = true },
                "SIZE" => offered with { Size = true, SizeLimit = Limit(words) },
                _ => offered,
            };
        }

        return offered;
    }

    private static long Limit(string[] words) =>
        words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : 0;
}
