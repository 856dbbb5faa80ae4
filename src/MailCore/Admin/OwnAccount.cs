using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin;

/// <summary>What any user may change about the own account.</summary>
public sealed class OwnAccount
{
    private readonly DirectoryWriter _writer;
    private readonly Authenticator _authenticator;
    private readonly UserAdmin _users;

    internal OwnAccount(DirectoryWriter writer, Authenticator authenticator, UserAdmin users)
    {
        _writer = writer;
        _authenticator = authenticator;
        _users = users;
    }

    /// <summary>Gives the principal to go on with: all sessions that began with the old password end.</summary>
    /// <exception cref="MailException">AuthenticationFailed (the current one is wrong, or the session has ended), Invalid, Throttled</exception>
    public async Task<Principal> ChangePasswordAsync(Principal principal, string current, string next, CancellationToken ct)
    {
        if (!await _authenticator.VerifyAsync(principal.Address, current, new(null, "web", IsEncrypted: true), ct))
            throw new MailException(MailError.AuthenticationFailed, "The current password is wrong");
        var hash = await _users.HashAsync(next, ct);
        return await ChangeAsync(
            principal,
            account =>
            {
                account.PasswordHash = hash;
                account.CredentialVersion++;
            },
            ct);
    }

    /// <exception cref="MailException">Invalid; AuthenticationFailed: the session has ended</exception>
    public Task<Principal> SetDisplayNameAsync(Principal principal, string name, CancellationToken ct)
    {
        var display = UserAdmin.ReadDisplayName(name);
        return ChangeAsync(principal, account => account.DisplayName = display, ct);
    }

    private Task<Principal> ChangeAsync(Principal principal, Action<AccountRow> change, CancellationToken ct) => _writer.WriteAsync(
        async db =>
        {
            var id = principal.Account.Value;
            var account = await db.Set<AccountRow>().FirstOrDefaultAsync(a => a.AccountId == id, ct);
            if (account is not { IsDisabled: false } || account.CredentialVersion != principal.CredentialVersion)
                throw new MailException(MailError.AuthenticationFailed, "Sign in again");
            change(account);
            return Account.From(account).ToPrincipal();
        },
        ct);
}
