using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>The mail side of an account's life. Called by the admin services when the directory's account is made, changed or removed.</summary>
public interface IAccountProvisioning
{
    /// <summary>
    /// Makes the account's mail: INBOX, Drafts, Sent, Junk, Trash and Archive, all subscribed. Doing it again changes nothing but the quota, so a crash
    /// between the directory's commit and this one is mended by repeating it. Until then mail for the account is refused for now.
    /// </summary>
    ValueTask ProvisionAsync(AccountId account, QuotaLimits limits, CancellationToken ct);

    /// <exception cref="MailException">NotFound</exception>
    ValueTask SetQuotaAsync(AccountId account, QuotaLimits limits, CancellationToken ct);

    /// <summary>Null: no such account.</summary>
    ValueTask<QuotaInfo?> QuotaAsync(AccountId account, CancellationToken ct);

    /// <summary>Removes all mail of the account. Removing what is not there is no error; account numbers are never used again.</summary>
    ValueTask DeleteAsync(AccountId account, CancellationToken ct);
}
