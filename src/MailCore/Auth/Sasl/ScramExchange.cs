using System.Security.Cryptography;
using System.Text;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// SCRAM (RFC 5802) with SHA-256 (RFC 7677), server side: client-first, server-first, client-final, server-final, and an empty response to that, since
/// no protocol of ours sends data with the success. Takes app passwords only.
/// </summary>
/// <param name="plus">The mechanism's name ends in -PLUS: the client binds to the channel, and else may not.</param>
/// <param name="offersPlus">This connection offers -PLUS, so a client that believes otherwise was lied to.</param>
/// <param name="serverNonce">Random; the RFC's example has its own.</param>
internal sealed class ScramExchange(IAuthenticator authenticator, ClientFacts client, bool plus, bool offersPlus, string serverNonce) : ISaslExchange
{
    public const int MaxMessage = 4096;

    private const int MaxNonce = 256;
    private const string Advice = "Wrong name or app password (SCRAM takes app passwords, not the account's own password)";

    private bool _asked;
    private ScramClientFirst? _first;
    private string _serverFirst = "";
    private IScramLogin? _login;
    private Principal? _principal;

    public static ScramExchange Begin(IAuthenticator authenticator, ClientFacts client, bool plus) =>
        new(authenticator, client, plus, client.Tls is { HasChannelBinding: true }, Convert.ToBase64String(RandomNumberGenerator.GetBytes(18)));

    public async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte>? message, CancellationToken ct)
    {
        if (message is null && !_asked)
        {
            _asked = true;
            return SaslStep.Continue(default);
        }

        if (message is not { } octets)
            return SaslStep.Refuse(Advice);
        if (_principal is not null)
            return octets.IsEmpty ? SaslStep.Succeed(_principal) : SaslStep.Refuse(Advice);
        return _login is null ? await FirstAsync(octets, ct) : await FinalAsync(octets, ct);
    }

    private async ValueTask<SaslStep> FirstAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (ScramClientFirst.TryRead(message.Span) is not { } first || !Agrees(first.Header) || first.Header.Authzid is { } a && !SaslText.IsSameUser(a, first.Name))
            return SaslStep.Refuse(Advice);
        _first = first;
        _login = await authenticator.ScramAsync(first.Name, client, ct);
        _serverFirst = $"r={first.Nonce}{serverNonce},s={Convert.ToBase64String(_login.Salt.Span)},i={_login.Iterations}";
        return SaslStep.Continue(Encoding.ASCII.GetBytes(_serverFirst));
    }

    private async ValueTask<SaslStep> FinalAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (ScramClientFinal.TryRead(message.Span) is not { } final
            || !string.Equals(final.Nonce, _first!.Nonce + serverNonce, StringComparison.Ordinal)
            || !CryptographicOperations.FixedTimeEquals(final.ChannelBinding, ExpectedBinding(_first.Header)))
        {
            return SaslStep.Refuse(Advice);
        }

        var authMessage = Encoding.UTF8.GetBytes($"{_first.Bare},{_serverFirst},{final.WithoutProof}");
        if (await _login!.ProveAsync(authMessage, final.Proof, ct) is not { } success)
            return SaslStep.Refuse(Advice);
        _principal = success.Principal;
        return SaslStep.Continue(Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(success.ServerSignature.Span)));
    }

    /// <summary>RFC 5802 section 6: who says "y" where -PLUS is offered has been shown a list without it.</summary>
    private bool Agrees(Gs2Header header) => header.Flag switch
    {
        ChannelBindingFlag.Used => plus && client.Tls?.ChannelBinding(header.Type!) is not null,
        ChannelBindingFlag.ServerCannot => !plus && !offersPlus,
        _ => !plus,
    };

    private byte[] ExpectedBinding(Gs2Header header) =>
        [.. Encoding.UTF8.GetBytes(header.Text), .. (header.Flag == ChannelBindingFlag.Used ? client.Tls?.ChannelBinding(header.Type!) : null) ?? []];

    /// <summary>The value of "x=value"; null: another attribute.</summary>
    internal static string? Value(string attribute, char name) => attribute.Length > 2 && attribute[0] == name && attribute[1] == '=' ? attribute[2..] : null;

    /// <summary>Printable ASCII without the comma.</summary>
    internal static bool IsNonce(string text) => text.Length is > 0 and <= MaxNonce && !text.Any(c => c is < '!' or > '~' or ',');

    /// <summary>An optional extension: a letter, "=", and a value. It is passed over.</summary>
    internal static bool IsExtension(string attribute) => attribute.Length > 2 && char.IsAsciiLetter(attribute[0]) && attribute[0] is not 'm' && attribute[1] == '=';
}
