namespace Webmail.MailCore.Store.Search;

/// <summary>What messages are sorted by (RFC 5256 section 3, RFC 5957). Texts are compared folded (i;unicode-casemap), a missing one as empty.</summary>
public enum SortKey
{
    /// <summary>INTERNALDATE.</summary>
    Arrival,

    /// <summary>The local part of the first address in Cc.</summary>
    Cc,

    /// <summary>The Date header in UTC; INTERNALDATE where there is none.</summary>
    Date,

    /// <summary>The name of the first address in From, or the address where it has none.</summary>
    DisplayFrom,

    DisplayTo,

    From,

    /// <summary>How well a message fits a fuzzy search, the best first (RFC 6203 section 6).</summary>
    Relevancy,

    Size,

    /// <summary>The base subject.</summary>
    Subject,

    To,
}

/// <param name="Reverse">The greatest first.</param>
public sealed record SortTerm(SortKey Key, bool Reverse);

/// <summary>How messages are put into threads.</summary>
public enum ThreadAlgorithm
{
    /// <summary>RFC 5256 section 3.</summary>
    OrderedSubject,

    /// <summary>RFC 5256 section 3.</summary>
    References,

    /// <summary>draft-ietf-morg-inthread: as References, but subjects don't join threads, and the thread with the newest arrival stands last.</summary>
    Refs,
}

/// <summary>A message with the answers to it.</summary>
/// <param name="Message">Null: none that was searched for, only what holds its children together.</param>
public sealed record ThreadNode(Model.Uid? Message, IReadOnlyList<ThreadNode> Children);
