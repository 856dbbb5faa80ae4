namespace Webmail.MailCore.Auth.Sasl;

/// <summary>One exchange of one SASL mechanism (RFC 4422), server side. Fed with decoded client messages; framing and base64 are the protocol's.</summary>
public interface ISaslExchange
{
    /// <summary>Takes the client's message (null: there was no initial response) and says how to go on.</summary>
    ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte>? message, CancellationToken ct);
}

/// <summary>What the server says next: a challenge, or the end (principal, or null for a failure that the client can't tell apart).</summary>
/// <param name="Advice">With a failure: words for the person, the same for everybody who uses this mechanism; null: the protocol's own.</param>
public readonly record struct SaslStep(bool IsDone, ReadOnlyMemory<byte> Challenge, Principal? Principal, string? Advice = null)
{
    public static SaslStep Continue(ReadOnlyMemory<byte> challenge) => new(false, challenge, null);

    public static SaslStep Succeed(Principal principal) => new(true, default, principal);

    public static SaslStep Refuse(string advice) => new(true, default, null, advice);

    public static readonly SaslStep Fail = new(true, default, null);
}

/// <summary>A mechanism: its registered name and how to begin.</summary>
public sealed record SaslMechanism(string Name, Func<IAuthenticator, ClientFacts, ISaslExchange> Begin)
{
    /// <summary>Whether the connection has what the mechanism needs beyond privacy. Where it hasn't, there is no such mechanism.</summary>
    public Func<ClientFacts, bool> Works { get; init; } = _ => true;

    /// <summary>SCRAM: it is offered as <see cref="Settings.LoginSettings.Scram"/> says.</summary>
    public bool IsScram { get; init; }
}
