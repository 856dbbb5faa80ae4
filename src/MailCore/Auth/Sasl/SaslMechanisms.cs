namespace Webmail.MailCore.Auth.Sasl;

/// <summary>Every SASL mechanism of this server, the one to prefer first. SMTP, POP3 and IMAP offer what stands here.</summary>
public static class SaslMechanisms
{
    public static IReadOnlyList<SaslMechanism> All { get; } = [Plain.Mechanism, Login.Mechanism];

    /// <summary>By name, in any case (RFC 4422 section 3.1); null: not ours.</summary>
    public static SaslMechanism? Find(string name) => All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The names to advertise; <see cref="PlaintextRule"/> says whether those that show the password count.</summary>
    public static IEnumerable<string> Names(bool allowPlaintext) => All.Where(m => allowPlaintext || !m.IsPlaintext).Select(m => m.Name);
}
