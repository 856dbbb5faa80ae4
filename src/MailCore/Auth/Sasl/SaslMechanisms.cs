namespace Webmail.MailCore.Auth.Sasl;

/// <summary>Every SASL mechanism of this server, the one to prefer first. SMTP, POP3 and IMAP offer what stands here, as <see cref="SaslOffer"/> says.</summary>
public static class SaslMechanisms
{
    public static IReadOnlyList<SaslMechanism> All { get; } =
    [
        ScramSha256Plus.Mechanism,
        ScramSha256.Mechanism,
        External.Mechanism,
        OAuthBearer.Mechanism,
        XOAuth2.Mechanism,
        Plain.Mechanism,
        Login.Mechanism,
    ];

    /// <summary>By name, in any case (RFC 4422 section 3.1); null: not ours.</summary>
    public static SaslMechanism? Find(string name) => All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
