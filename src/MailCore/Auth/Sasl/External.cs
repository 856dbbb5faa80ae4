namespace Webmail.MailCore.Auth.Sasl;

/// <summary>EXTERNAL (RFC 4422 appendix A): the client's TLS certificate says who it is. Its message is the authorisation identity, empty or the user's own address.</summary>
internal sealed class External(IAuthenticator authenticator, ClientFacts client) : ISaslExchange
{
    public static readonly SaslMechanism Mechanism =
        new("EXTERNAL", (authenticator, client) => new External(authenticator, client)) { Works = client => client.Tls?.ClientCertificate is not null };

    private const int MaxMessage = 1024;

    private bool _asked;

    public async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte>? message, CancellationToken ct)
    {
        if (message is null && !_asked)
        {
            _asked = true;
            return SaslStep.Continue(default);
        }

        if (message is not { Length: <= MaxMessage } octets || SaslText.Decode(octets.Span) is not { } authzid || authzid.Contains('\0', StringComparison.Ordinal))
            return SaslStep.Refuse(Advice);
        return await authenticator.CertificateAsync(authzid.Length == 0 ? null : authzid, client, ct) is { } principal
            ? SaslStep.Succeed(principal)
            : SaslStep.Refuse(Advice);
    }

    private const string Advice = "This certificate is nobody's here";
}
