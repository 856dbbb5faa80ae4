namespace Webmail.Protocols.Imap;

/// <summary>What the grammar of commands depends on beside the command itself: what the client has switched on, and what was switched off for it.</summary>
internal sealed record ReaderRules
{
    /// <summary>As after the greeting.</summary>
    public static readonly ReaderRules Plain = new();

    /// <summary>Mailbox names are UTF-8, not modified UTF-7 (RFC 9051 section 5.1, RFC 9755 section 3).</summary>
    public bool IsUtf8 { get; init; }

    /// <summary>SEARCH may not name a charset (RFC 9755 section 3).</summary>
    public bool RefusesCharset { get; init; }

    /// <summary>What the client may not use; null: it may use everything.</summary>
    public SwitchedOff? Off { get; init; }

    /// <summary>Message numbers are refused (RFC 9586).</summary>
    public bool IsUidOnly { get; init; }

    /// <summary>Whether a word (<see cref="Feature.Words"/>) was switched off for this client.</summary>
    public bool Lacks(string word) => Off is not null && Off.Words.Contains(word);
}
