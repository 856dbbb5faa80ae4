using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>Checks credentials. The one place where a password is compared.</summary>
public interface IAuthenticator
{
    /// <summary>
    /// Null when the name or the password is wrong or the account is disabled: the caller can't tell which, and neither time nor answer does.
    /// A login name without a domain is tried as it stands in no domain: it never matches.
    /// </summary>
    /// <exception cref="MailException"><see cref="MailError.Throttled"/> (too many failures), <see cref="MailError.Unavailable"/></exception>
    ValueTask<Principal?> LoginAsync(string name, string password, ClientFacts client, CancellationToken ct);

    /// <summary>Begins a SCRAM login (RFC 5802), which names the user only: any app password of the account will do. A name that doesn't exist begins like one that does.</summary>
    /// <exception cref="MailException"><see cref="MailError.Throttled"/> (too many failures), <see cref="MailError.Unavailable"/></exception>
    ValueTask<IScramLogin> ScramAsync(string name, ClientFacts client, CancellationToken ct);

    /// <summary>Logs in by an access token.</summary>
    /// <param name="name">Whose it shall be; null: whose it is.</param>
    /// <exception cref="MailException"><see cref="MailError.Throttled"/> (too many failures), <see cref="MailError.Unavailable"/></exception>
    ValueTask<TokenLogin> TokenAsync(string token, string? name, ClientFacts client, CancellationToken ct);

    /// <summary>Logs in by the client's TLS certificate. Null: there is none, or it is nobody's, or not that user's.</summary>
    /// <param name="name">Who it shall be; null: the one user that the certificate names.</param>
    /// <exception cref="MailException"><see cref="MailError.Throttled"/> (too many failures), <see cref="MailError.Unavailable"/></exception>
    ValueTask<Principal?> CertificateAsync(string? name, ClientFacts client, CancellationToken ct);

    /// <summary>False as soon as the account was removed or disabled, its credentials changed, or the one that the principal was made by was removed.</summary>
    ValueTask<bool> IsCurrentAsync(Principal principal, CancellationToken ct);
}

/// <summary>A SCRAM login between its two messages.</summary>
public interface IScramLogin
{
    ReadOnlyMemory<byte> Salt { get; }

    int Iterations { get; }

    /// <summary>Null: the proof is that of no app password of an enabled account.</summary>
    /// <exception cref="MailException"><see cref="MailError.Throttled"/> (too many failures), <see cref="MailError.Unavailable"/></exception>
    ValueTask<ScramSuccess?> ProveAsync(ReadOnlyMemory<byte> authMessage, ReadOnlyMemory<byte> clientProof, CancellationToken ct);
}

/// <param name="ServerSignature">What proves to the client that the server knew its password.</param>
public sealed record ScramSuccess(Principal Principal, ReadOnlyMemory<byte> ServerSignature);

/// <param name="Principal">Null: refused.</param>
/// <param name="LacksScope">The token is good, but not for this protocol.</param>
public readonly record struct TokenLogin(Principal? Principal, bool LacksScope);
