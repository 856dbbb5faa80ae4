using System.Globalization;
using System.Text;
using Webmail.MailCore.Outbound;

namespace Webmail.Protocols.Smtp.Client;

/// <summary>A reply of another server (RFC 5321 section 4.2), or what happened instead of one (code 0).</summary>
/// <param name="Lines">Without the codes; control characters are gone.</param>
internal sealed record RemoteReply(int Code, IReadOnlyList<string> Lines, string? OwnStatus = null)
{
    /// <summary>No reply came: our own words and status.</summary>
    public static RemoteReply None(string status, string what) => new(0, [what], status);

    public bool IsPositive => Code is >= 200 and < 300;

    public bool IsIntermediate => Code is >= 300 and < 400;

    /// <summary>Silence and nonsense count as "later": only a clear 5xx is for ever.</summary>
    public RecipientState State => IsPositive ? RecipientState.Delivered : Code is >= 500 and < 600 ? RecipientState.Failed : RecipientState.Deferred;

    /// <summary>The enhanced status code (RFC 2034) where the reply has one that fits its class, else the class alone.</summary>
    public string Status
    {
        get
        {
            if (OwnStatus is not null)
                return OwnStatus;
            var first = Lines.Count > 0 ? Lines[0] : "";
            var word = first.Split(' ', 2)[0];
            var digit = State switch { RecipientState.Delivered => '2', RecipientState.Failed => '5', _ => '4' };
            return IsStatus(word) && word[0] == digit ? word : $"{digit}.0.0";
        }
    }

    /// <summary>One line, for logs and notices.</summary>
    public override string ToString() =>
        Code == 0 ? string.Join(' ', Lines) : Code.ToString(CultureInfo.InvariantCulture) + " " + string.Join(' ', Lines);

    /// <summary>Splits a reply line; false when it is none.</summary>
    public static bool TryParseLine(ReadOnlySpan<byte> line, out int code, out bool isLast, out string text)
    {
        (code, isLast, text) = (0, true, "");
        if (line.Length < 3 || !int.TryParse(line[..3], NumberStyles.None, CultureInfo.InvariantCulture, out code) || code is < 200 or > 599)
            return false;
        if (line.Length == 3)
            return true;
        isLast = line[3] == (byte)' ';
        text = Clean(line[4..]);
        return line[3] is (byte)' ' or (byte)'-';
    }

    private static string Clean(ReadOnlySpan<byte> text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in Encoding.UTF8.GetString(text).EnumerateRunes())
            clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        return clean.ToString().Trim();
    }

    private static bool IsStatus(string word)
    {
        var parts = word.Split('.');
        return parts.Length == 3 && parts[0].Length == 1 && parts.All(p => p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit));
    }
}
