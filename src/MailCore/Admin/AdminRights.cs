using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin;

/// <summary>Who may administer: an administrator as of now, or the machine's own command line.</summary>
internal sealed class AdminRights(AccountLookup accounts)
{
    /// <exception cref="MailException"><see cref="MailError.NoPermission"/></exception>
    public async ValueTask DemandAsync(Principal actor, CancellationToken ct)
    {
        if (ReferenceEquals(actor, Principal.LocalConsole))
            return;
        if (await accounts.FindAsync(actor.Account, ct) is not { IsDisabled: false, IsAdministrator: true } account || account.CredentialVersion != actor.CredentialVersion)
            throw new MailException(MailError.NoPermission, "Only an administrator may do that");
    }
}
