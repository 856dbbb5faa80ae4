using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Auth;

/// <summary>
/// The one rule about passwords in the clear, for SASL PLAIN and LOGIN, IMAP LOGIN and POP3 USER: under TLS, or from a network that the
/// administrator named (Networks.PlaintextLogin; loopback unless set).
/// </summary>
public static class PlaintextRule
{
    public static bool Allows(NetworkSettings networks, ClientFacts client) =>
        client.IsEncrypted || NetworkSettings.Contains(networks.PlaintextLogin, client.Address);
}
