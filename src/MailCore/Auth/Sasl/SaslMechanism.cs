using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>One exchange of one SASL mechanism (RFC 4422), server side. Fed with decoded client messages; framing and base64 are the protocol's.</summary>
public interface ISaslExchange
{
    /// <summary>Takes the client's message (null: there was no initial response) and says how to go on.</summary>
    ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte>? message, CancellationToken ct);
}

/// <summary>What the server says next: a challenge, or the end (principal, or null for a failure that the client can't tell apart).</summary>
public readonly record struct SaslStep(bool IsDone, ReadOnlyMemory<byte> Challenge, Principal? Principal)
{
    public static SaslStep Continue(ReadOnlyMemory<byte> challenge) => new(false, challenge, null);

    public static SaslStep Succeed(Principal principal) => new(true, default, principal);

    public static readonly SaslStep Fail = new(true, default, null);
}

/// <summary>A mechanism: its registered name, whether it needs TLS (outside the plaintext networks), and how to begin.</summary>
public sealed record SaslMechanism(string Name, bool IsPlaintext, Func<IAuthenticator, ClientFacts, ISaslExchange> Begin);
