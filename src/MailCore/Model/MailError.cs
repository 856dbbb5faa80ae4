namespace Webmail.MailCore.Model;

/// <summary>What can go wrong with a request that was well-formed. Each protocol maps every value to its own words in exactly one switch.</summary>
public enum MailError
{
    /// <summary>No such mailbox, message, account, domain, alias or queue entry.</summary>
    NotFound,
    AlreadyExists,
    NoPermission,
    /// <summary>Storing this would take the account over its quota (bytes).</summary>
    OverQuota,
    /// <summary>The message is larger than the limit for one message.</summary>
    TooLarge,
    /// <summary>The mailbox is open read-only.</summary>
    ReadOnly,
    /// <summary>Someone else was faster and the request can't be repeated blindly.</summary>
    Conflict,
    /// <summary>Too many attempts; try again later.</summary>
    Throttled,
    /// <summary>The store can't be reached or has no room; nothing was done and the same request may succeed later.</summary>
    Unavailable,
    /// <summary>A name or value that can't be accepted (a mailbox name with a control character, a domain without a dot …).</summary>
    Invalid,
    /// <summary>A bound was reached (mailboxes, keywords, aliases …).</summary>
    LimitReached,
    /// <summary>The credentials are wrong, or the account is disabled.</summary>
    AuthenticationFailed,
    /// <summary>The mailbox can't be removed or renamed (INBOX, or it has children that keep it).</summary>
    InUse,
}

/// <summary>A request that was understood and refused. <see cref="Exception.Message"/> may be shown to the user: it holds no secret and no internals.</summary>
public sealed class MailException(MailError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public MailError Error { get; } = error;
}
