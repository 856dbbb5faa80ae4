using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>
/// Logins by app password: by SCRAM's proof, or by the password itself. All app passwords of an account share a salt, since SCRAM names the account and
/// not the password; each is tried. Accounts without any, disabled ones and names that don't exist take the same way to the same answer.
/// </summary>
internal sealed class AppPasswordVerifier(CredentialLookup credentials, LoginThrottle throttle)
{
    public async ValueTask<ScramLogin> BeginAsync(EmailAddress? address, ClientFacts client, CancellationToken ct)
    {
        throttle.Check(address?.Key ?? "@", client.Address);
        var salt = await credentials.SaltOfAsync(address, ct);
        var found = address is null ? new(null, []) : await credentials.AppPasswordsAsync(address, ct);
        return new(found, salt, address?.Key ?? "@", client, credentials, throttle);
    }

    /// <summary>
    /// The password itself (PLAIN, LOGIN and their like). Null: not one of this account's. A failure is not counted here: it may be the account's own.
    /// </summary>
    public async ValueTask<Principal?> TryAsync(EmailAddress address, byte[] password, ClientFacts client, CancellationToken ct)
    {
        var login = await BeginAsync(address, client, ct);
        var shown = ScramVerifier.Make(password, login.Salt.Span, login.Iterations);
        return await login.FinishAsync(v => v.IsSame(shown)) is var (principal, _) ? principal : null;
    }
}

/// <summary>One login by app password.</summary>
internal sealed class ScramLogin(
    AppPasswordsOf found, byte[] salt, string accountKey, ClientFacts client, CredentialLookup credentials, LoginThrottle throttle) : IScramLogin
{
    public ReadOnlyMemory<byte> Salt => found.Credentials.Count == 0 ? salt : found.Credentials[0].Salt;

    public int Iterations => found.Credentials.Count == 0 ? AppPassword.Iterations : found.Credentials[0].Iterations!.Value;

    public async ValueTask<ScramSuccess?> ProveAsync(ReadOnlyMemory<byte> authMessage, ReadOnlyMemory<byte> clientProof, CancellationToken ct)
    {
        throttle.Check(accountKey, client.Address);
        if (await FinishAsync(v => v.Proves(authMessage.Span, clientProof.Span)) is var (principal, verifier))
            return new(principal, verifier.Sign(authMessage.Span));
        throttle.Failed(accountKey, client.Address);
        return null;
    }

    internal async ValueTask<(Principal Principal, ScramVerifier Verifier)?> FinishAsync(Func<ScramVerifier, bool> matches)
    {
        var (hit, verifier) = Find(matches);
        if (hit is null || verifier is null || found.Account is not { IsDisabled: false } account || !hit.Scopes.Opens(client.Protocol))
            return null;
        throttle.Succeeded(accountKey, client.Address);
        await credentials.UsedAsync(hit);
        return (account.ToPrincipal(hit), verifier);
    }

    // All are tried, whichever matches.
    private (CredentialRow? Credential, ScramVerifier? Verifier) Find(Func<ScramVerifier, bool> matches)
    {
        (CredentialRow?, ScramVerifier?) hit = default;
        if (found.Credentials.Count == 0)
            matches(ScramVerifier.Nobody);
        foreach (var credential in found.Credentials)
        {
            var verifier = new ScramVerifier(credential.StoredKey!, credential.ServerKey!);
            if (matches(verifier))
                hit = (credential, verifier);
        }

        return hit;
    }
}
