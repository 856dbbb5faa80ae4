using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// What to look for: one tree for IMAP SEARCH, the REST filter and the web's search box. Text is compared folded (i;unicode-casemap: case and
/// compatibility forms don't matter) and as a substring.
/// </summary>
public abstract record SearchQuery
{
    public static readonly SearchQuery All = new AllMessages();
}

public sealed record AllMessages : SearchQuery;

public sealed record AndQuery(IReadOnlyList<SearchQuery> Terms) : SearchQuery;

public sealed record OrQuery(IReadOnlyList<SearchQuery> Terms) : SearchQuery;

public sealed record NotQuery(SearchQuery Term) : SearchQuery;

/// <summary>All of these flags are set.</summary>
public sealed record HasFlags(FlagSet Flags) : SearchQuery;

/// <summary>A keyword by name; one that the account never had matches nothing.</summary>
public sealed record HasKeyword(string Name) : SearchQuery;

public sealed record UidIn(UidSet Uids) : SearchQuery;

/// <summary>Size in octets, strictly larger (LARGER) or smaller (SMALLER).</summary>
public sealed record SizeLargerThan(long Octets) : SearchQuery;

public sealed record SizeSmallerThan(long Octets) : SearchQuery;

/// <summary>Which date a date key looks at.</summary>
public enum DateField
{
    /// <summary>INTERNALDATE, its day in its own zone.</summary>
    Received,

    /// <summary>The Date header, its day as written.</summary>
    Sent,

    /// <summary>When it came into this mailbox (RFC 8514), in UTC.</summary>
    Saved,
}

/// <summary>First ≤ day &lt; Before; either may be open.</summary>
public sealed record DayBetween(DateField Field, DateOnly? First, DateOnly? Before) : SearchQuery;

/// <summary>WITHIN (RFC 5032): received at most this long ago.</summary>
public sealed record YoungerThan(TimeSpan Age) : SearchQuery;

/// <summary>RFC 7162 MODSEQ.</summary>
public sealed record ChangedSince(ModSeq ModSeq) : SearchQuery;

public enum TextField
{
    From,
    To,
    Cc,
    Bcc,
    Subject,

    /// <summary>All of the body's text parts, decoded.</summary>
    Body,

    /// <summary>The header's text (decoded and raw) or the body.</summary>
    Text,
}

public sealed record TextContains(TextField Field, string Text) : SearchQuery;

/// <summary>
/// Every word of the text occurs, in any order and spelled nearly so (RFC 6203): accents apart, as the beginning of a word, or with a slip or two in a longer one.
/// How well it fits is <see cref="IMessageStore.RelevancyAsync"/>.
/// </summary>
public sealed record FuzzyText(TextField Field, string Text) : SearchQuery;

/// <summary>A header field's value contains the text; empty text: the field is there.</summary>
public sealed record HeaderContains(string Name, string Text) : SearchQuery;

public sealed record HasAttachment : SearchQuery;

/// <summary>EMAILID or THREADID (RFC 8474) as the string that was given out.</summary>
public sealed record IdIs(bool Thread, string Id) : SearchQuery;
