using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin;

/// <param name="ExpiresAt">Null: never.</param>
/// <param name="LastUsed">To the minute; null: never.</param>
public sealed record CredentialInfo(
    long Id, CredentialKind Kind, string Label, AccessScopes Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsed);

/// <param name="Secret">The app password or token: it can't be shown again.</param>
public sealed record NewCredential(CredentialInfo Info, string Secret)
{
    public override string ToString() => $"NewCredential {{ {Info} }}";
}

/// <summary>
/// App passwords, access tokens and client certificates: made, listed and removed by their owner, or by an administrator. What is removed ends its
/// sessions at once. A change of the account's own password leaves them alone: a telephone goes on, and who fears for one removes it.
/// </summary>
public sealed class CredentialAdmin
{
    /// <summary>Of each kind and account: SCRAM tries all app passwords.</summary>
    public const int MaxOfAKind = 50;

    public const int MaxLabel = 100;

    private readonly DirectoryReader _reader;
    private readonly DirectoryWriter _writer;
    private readonly AdminRights _rights;
    private readonly CredentialLookup _credentials;
    private readonly AccountLookup _accounts;
    private readonly AppPasswordPresence _presence;
    private readonly TimeProvider _time;

    internal CredentialAdmin(
        DirectoryReader reader, DirectoryWriter writer, AdminRights rights, CredentialLookup credentials, AccountLookup accounts, AppPasswordPresence presence, TimeProvider time)
    {
        _reader = reader;
        _writer = writer;
        _rights = rights;
        _credentials = credentials;
        _accounts = accounts;
        _presence = presence;
        _time = time;
    }

    /// <exception cref="MailException">NotFound (the user), Invalid (the label), LimitReached, NoPermission</exception>
    public async Task<NewCredential> AddAppPasswordAsync(Principal actor, string address, string label, CancellationToken ct)
    {
        var account = await DemandAsync(actor, address, ct);
        var secret = AppPassword.Generate();
        var salt = await _credentials.SaltOfAsync(account.Address, ct);
        var info = await AddAsync(account, CredentialKind.AppPassword, label, others =>
        {
            // One salt for all of an account's: SCRAM can tell only one.
            var (sameSalt, iterations) = others is [var first, ..] ? (first.Salt!, first.Iterations!.Value) : (salt, AppPassword.Iterations);
            var verifier = ScramVerifier.Make(Encoding.ASCII.GetBytes(secret), sameSalt, iterations);
            return Row(account, CredentialKind.AppPassword, label, AccessScopes.Mail, null, sameSalt, iterations, verifier, null);
        }, ct);
        _presence.Appeared();
        return new(info, secret);
    }

    /// <param name="lifetime">Null: for ever.</param>
    /// <exception cref="MailException">NotFound (the user), Invalid (the label, no scope, no lifetime), LimitReached, NoPermission</exception>
    public async Task<NewCredential> AddTokenAsync(Principal actor, string address, string label, AccessScopes scopes, TimeSpan? lifetime, CancellationToken ct)
    {
        var account = await DemandAsync(actor, address, ct);
        if (scopes == AccessScopes.None)
            throw new MailException(MailError.Invalid, "A token opens at least one of " + string.Join(", ", AccessScope.All));
        if (lifetime <= TimeSpan.Zero || lifetime > TimeSpan.FromDays(36_500))
            throw new MailException(MailError.Invalid, "A token lives for more than nothing and less than a hundred years");
        var secret = AccessToken.Generate();
        var expires = _time.GetUtcNow() + lifetime;
        var info = await AddAsync(
            account, CredentialKind.AccessToken, label, _ => Row(account, CredentialKind.AccessToken, label, scopes, expires, null, null, null, AccessToken.DigestOf(secret)), ct);
        return new(info, secret);
    }

    /// <param name="pem">The certificate alone; its key stays with the user.</param>
    /// <exception cref="MailException">NotFound (the user), Invalid (label, certificate), AlreadyExists (anybody's), LimitReached, NoPermission</exception>
    public async Task<CredentialInfo> AddCertificateAsync(Principal actor, string address, string label, string pem, CancellationToken ct)
    {
        var account = await DemandAsync(actor, address, ct);
        using var certificate = ReadCertificate(pem);
        var digest = CertificateVerifier.DigestOf(certificate);
        if (await _credentials.FindAsync(CredentialKind.ClientCertificate, digest, ct) is not null)
            throw new MailException(MailError.AlreadyExists, "This certificate is registered already");
        var expires = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        return await AddAsync(
            account, CredentialKind.ClientCertificate, label, _ => Row(account, CredentialKind.ClientCertificate, label, AccessScopes.Mail, expires, null, null, null, digest), ct);
    }

    /// <summary>The oldest first.</summary>
    /// <exception cref="MailException">NotFound (the user), NoPermission</exception>
    public async Task<IReadOnlyList<CredentialInfo>> ListAsync(Principal actor, string address, CancellationToken ct)
    {
        var id = (await DemandAsync(actor, address, ct)).Id.Value;
        var rows = await _reader.ReadAsync(db => db.Set<CredentialRow>().AsNoTracking().Where(c => c.AccountId == id).OrderBy(c => c.CredentialId).ToListAsync(ct), ct);
        return [.. rows.Select(Info)];
    }

    /// <exception cref="MailException">NotFound (the user, or no such credential of this kind), NoPermission</exception>
    public async Task RemoveAsync(Principal actor, string address, CredentialKind kind, long credential, CancellationToken ct)
    {
        var id = (await DemandAsync(actor, address, ct)).Id.Value;
        await _writer.WriteAsync(
            async db =>
            {
                var row = await db.Set<CredentialRow>().FirstOrDefaultAsync(c => c.AccountId == id && c.CredentialId == credential && c.Kind == kind, ct)
                    ?? throw new MailException(MailError.NotFound, $"{address} has no such credential: {credential}");
                db.Remove(row);
                return true;
            },
            ct);
    }

    private async Task<CredentialInfo> AddAsync(
        Account account, CredentialKind kind, string label, Func<IReadOnlyList<CredentialRow>, CredentialRow> make, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(label) || label.Length > MaxLabel || label.Any(char.IsControl))
            throw new MailException(MailError.Invalid, $"A label has 1 to {MaxLabel} characters and no control characters");
        var id = account.Id.Value;
        var row = await _writer.WriteAsync(
            async db =>
            {
                var others = await db.Set<CredentialRow>().AsNoTracking().Where(c => c.AccountId == id && c.Kind == kind).OrderBy(c => c.CredentialId).ToListAsync(ct);
                if (others.Count >= MaxOfAKind)
                    throw new MailException(MailError.LimitReached, $"{account.Address} has {MaxOfAKind} of these already; remove one first");
                var made = make(others);
                db.Add(made);
                return made;
            },
            ct);
        return Info(row);
    }

    /// <summary>The user, if the actor is that very user or an administrator as of now.</summary>
    private async Task<Account> DemandAsync(Principal actor, string address, CancellationToken ct)
    {
        var user = EmailAddress.TryParse(address);
        if (user is null || !user.Equals(actor.Address))
            await _rights.DemandAsync(actor, ct);
        var account = (user is null ? null : await _accounts.FindAsync(user, ct)) ?? throw new MailException(MailError.NotFound, $"There is no user {address}");
        if (user!.Equals(actor.Address) && (account.IsDisabled || account.CredentialVersion != actor.CredentialVersion))
            throw new MailException(MailError.AuthenticationFailed, "Sign in again");
        return account;
    }

    private CredentialRow Row(
        Account account,
        CredentialKind kind,
        string label,
        AccessScopes scopes,
        DateTimeOffset? expires,
        byte[]? salt,
        int? iterations,
        ScramVerifier? verifier,
        byte[]? digest) => new()
        {
            AccountId = account.Id.Value,
            Kind = kind,
            Label = label.Trim(),
            Scopes = scopes,
            Salt = salt,
            Iterations = iterations,
            StoredKey = verifier?.StoredKey,
            ServerKey = verifier?.ServerKey,
            Digest = digest,
            CreatedAt = _time.GetUtcNow(),
            ExpiresAt = expires,
        };

    private static X509Certificate2 ReadCertificate(string pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new MailException(MailError.Invalid, "That is no certificate in PEM form", e);
        }
    }

    private static CredentialInfo Info(CredentialRow row) => new(row.CredentialId, row.Kind, row.Label, row.Scopes, row.CreatedAt, row.ExpiresAt, row.LastUsed);
}
