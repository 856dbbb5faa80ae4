namespace Webmail.MailCore.Auth.Sasl;

/// <summary>PLAIN (RFC 4616): <c>[authzid] NUL authcid NUL passwd</c>, UTF-8. Nobody acts for someone else: authzid is empty or the same address.</summary>
internal sealed class Plain(IAuthenticator authenticator, ClientFacts client) : ISaslExchange
{
    public static readonly SaslMechanism Mechanism = new("PLAIN", (authenticator, client) => new Plain(authenticator, client));

    // RFC 4616 section 2: a server takes authzid and authcid of up to 1024 octets, and a password likewise here.
    private const int MaxMessage = (3 * 1024) + 2;

    private bool _asked;

    public async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte>? message, CancellationToken ct)
    {
        if (message is null && !_asked)
        {
            _asked = true;
            return SaslStep.Continue(default);
        }

        if (message is not { } octets || Read(octets.Span) is not var (name, password))
            return SaslStep.Fail;
        return await authenticator.LoginAsync(name, password, client, ct) is { } principal ? SaslStep.Succeed(principal) : SaslStep.Fail;
    }

    /// <summary>The name and the password; null when the message isn't one of PLAIN, or asks to act for another.</summary>
    internal static (string Name, string Password)? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length > MaxMessage)
            return null;
        var first = message.IndexOf((byte)0);
        if (first < 0)
            return null;
        var rest = message[(first + 1)..];
        var second = rest.IndexOf((byte)0);
        if (second <= 0 || second == rest.Length - 1 || rest[(second + 1)..].Contains((byte)0))
            return null;
        if (SaslText.Decode(message[..first]) is not { } authzid
            || SaslText.Decode(rest[..second]) is not { } name
            || SaslText.Decode(rest[(second + 1)..]) is not { } password)
        {
            return null;
        }

        return authzid.Length == 0 || SaslText.IsSameUser(authzid, name) ? (name, password) : null;
    }
}
