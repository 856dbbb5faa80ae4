using Microsoft.Extensions.Logging;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Auth.Sasl;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Pop3;

/// <summary>What every POP3 connection of this node shares.</summary>
internal sealed record Pop3Services(
    WebmailSettings Settings, IAuthenticator Authenticator, SaslOffer Sasl, IMailStore Store, ServerTls Tls, WireClock Clock, ILogger<Pop3Handler> Log);
