namespace Webmail.MailCore.Model;

/// <summary>
/// A mailbox's full name in Unicode with '/' between levels. INBOX is INBOX in any case (RFC 9051 section 5.1); all other names are
/// case-sensitive and kept as given, in Unicode's form NFC (Net-Unicode, RFC 5198 section 2). Protocols translate their own forms (modified UTF-7) to and from this one.
/// </summary>
public readonly record struct MailboxName
{
    public const char Separator = '/';

    /// <summary>The longest name, in UTF-8 bytes.</summary>
    public const int MaxBytes = 1000;

    /// <summary>The most levels a name may have.</summary>
    public const int MaxDepth = 20;

    public static readonly MailboxName Inbox = new("INBOX");

    private MailboxName(string value) => Value = value;

    public string Value { get; }

    public bool IsInbox => string.Equals(Value, "INBOX", StringComparison.Ordinal);

    /// <summary>The levels, outermost first.</summary>
    public string[] Levels => Value.Split(Separator);

    /// <summary>The name of one level, the last.</summary>
    public string Leaf => Value[(Value.LastIndexOf(Separator) + 1)..];

    public MailboxName? Parent => Value.LastIndexOf(Separator) is var i and > 0 ? new(Value[..i]) : null;

    /// <summary>Takes a name as it is used to look something up; an impossible name just won't be found, but null is given for one that can't exist.</summary>
    public static MailboxName? TryParse(string text)
    {
        if (text.Length == 0 || text.Length > MaxBytes || text[0] == Separator || text[^1] == Separator || text.Contains("//", StringComparison.Ordinal))
            return null;
        if (System.Text.Encoding.UTF8.GetByteCount(text) > MaxBytes || text.Count(c => c == Separator) >= MaxDepth)
            return null;
        foreach (var c in text)
        {
            if (char.IsControl(c) || c == '\uFFFD')
                return null;
        }

        if (!System.Text.Ascii.IsValid(text) && (text = Normal(text)).Length == 0)
            return null;

        if (text.Equals("INBOX", StringComparison.OrdinalIgnoreCase))
            return Inbox;
        return text.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase) ? new("INBOX" + text[5..]) : new(text);
    }

    /// <summary>The text in form NFC; empty: it isn't Unicode, or became too long.</summary>
    private static string Normal(string text)
    {
        try
        {
            var normal = text.Normalize();
            return System.Text.Encoding.UTF8.GetByteCount(normal) > MaxBytes ? "" : normal;
        }
        catch (ArgumentException)
        {
            return "";
        }
    }

    /// <exception cref="MailException"><see cref="MailError.Invalid"/>: empty, too long, too deep, an empty level or a control character.</exception>
    public static MailboxName Parse(string text) =>
        TryParse(text) ?? throw new MailException(MailError.Invalid, "That can't be a mailbox name");

    public override string ToString() => Value;
}

/// <summary>What a mailbox is for (RFC 6154). The numbers are stored.</summary>
public enum SpecialUse : short
{
    None = 0,
    Drafts = 1,
    Sent = 2,
    Junk = 3,
    Trash = 4,
    Archive = 5,
}
