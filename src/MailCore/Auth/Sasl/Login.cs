namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// LOGIN (draft-murchison-sasl-login-00): the name, then the password, each asked for. Outlook sends the name as an initial response.
/// Obsolete, and the only one some devices speak.
/// </summary>
internal sealed class Login(IAuthenticator authenticator, ClientFacts client) : ISaslExchange
{
    public static readonly SaslMechanism Mechanism = new("LOGIN", (authenticator, client) => new Login(authenticator, client));

    private const int MaxMessage = 1024;

    private bool _asked;
    private string? _name;

    public async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte>? message, CancellationToken ct)
    {
        if (message is null && !_asked)
        {
            _asked = true;
            return SaslStep.Continue("Username:"u8.ToArray());
        }

        if (message is not { Length: > 0 and <= MaxMessage } octets || SaslText.Decode(octets.Span) is not { } text || text.Contains('\0'))
            return SaslStep.Fail;
        if (_name is null)
        {
            _name = text;
            return SaslStep.Continue("Password:"u8.ToArray());
        }

        return await authenticator.LoginAsync(_name, text, client, ct) is { } principal ? SaslStep.Succeed(principal) : SaslStep.Fail;
    }
}
