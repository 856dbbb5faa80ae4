using Microsoft.Extensions.Logging;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Auth.Sasl;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp;

/// <summary>What an SMTP session needs of the rest of the house.</summary>
internal sealed record SmtpServices(
    IInbound Inbound,
    IAuthenticator Authenticator,
    SaslOffer Sasl,
    IDirectory Directory,
    ReverseName ReverseName,
    WebmailSettings Settings,
    ServerTls Tls,
    WireClock Clock,
    TimeProvider Time,
    ILogger<SmtpHandler> Log);
