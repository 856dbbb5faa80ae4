using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Admin;

/// <summary>Who has rights in whose mailboxes, for the administrator: what the owner could see and change itself.</summary>
public sealed class SharingAdmin
{
    private readonly IMailStore _store;
    private readonly AccountLookup _accounts;
    private readonly AdminRights _rights;

    internal SharingAdmin(IMailStore store, AccountLookup accounts, AdminRights rights)
    {
        _store = store;
        _accounts = accounts;
        _rights = rights;
    }

    /// <param name="owner">The address of the account whose mailbox it is.</param>
    /// <exception cref="MailException">NotFound (the account, the mailbox), Invalid, NoPermission</exception>
    public async Task<IReadOnlyList<AclEntry>> ListAsync(Principal actor, string owner, string mailbox, CancellationToken ct)
    {
        var mail = await MailAsync(actor, owner, ct);
        return await mail.Sharing.ListAsync(OwnName(mailbox), ct);
    }

    /// <param name="who">An account's address, or "anyone"; "-" before it for rights that are taken away.</param>
    /// <param name="rights">As SETACL takes them (RFC 4314 section 3.1): "lrs", "+w", "-w"; empty: the entry goes.</param>
    /// <exception cref="MailException">NotFound (the account, the mailbox), Invalid, LimitReached, NoPermission</exception>
    public async Task SetAsync(Principal actor, string owner, string mailbox, string who, string rights, CancellationToken ct)
    {
        var mail = await MailAsync(actor, owner, ct);
        var name = OwnName(mailbox);
        var identifier = AclIdentifier.TryParse(who) ?? throw new MailException(MailError.Invalid, $"'{who}' is neither an account's address nor \"anyone\"");
        var operation = rights switch
        {
            ['+', ..] => AclOperation.Add,
            ['-', ..] => AclOperation.Remove,
            _ => AclOperation.Replace,
        };
        var set = MailboxRightsText.TryParse(operation == AclOperation.Replace ? rights : rights[1..])
            ?? throw new MailException(MailError.Invalid, $"'{rights}' are no rights: they are letters of lrswipkxtea (RFC 4314)");
        await mail.Sharing.SetAsync(name, identifier, operation, set, ct);
    }

    private async ValueTask<AccountMail> MailAsync(Principal actor, string owner, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var account = await _accounts.FindAsync(EmailAddress.Parse(owner), ct) ?? throw new MailException(MailError.NotFound, $"There is no user {owner}");
        return _store.For(account.ToPrincipal());
    }

    private static MailboxName OwnName(string mailbox)
    {
        var name = MailboxName.Parse(mailbox);
        return OthersName.IsInside(name) ? throw new MailException(MailError.Invalid, "Name the mailbox as its owner does") : name;
    }
}
