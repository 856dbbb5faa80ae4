using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Outbound;
using Webmail.Protocols.Imap;
using Webmail.Protocols.Lmtp;
using Webmail.Protocols.Pop3;
using Webmail.Protocols.Smtp;
using Webmail.Protocols.Smtp.Client;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols;

/// <summary>The only registration method of this project. Each door is an <see cref="IWireHandler"/> by its key: a stateless singleton.</summary>
public static class ProtocolsServices
{
    /// <summary>Needs MailCore's services, and of the composition root a <see cref="ServerTls"/>.</summary>
    public static IServiceCollection AddProtocols(this IServiceCollection services)
    {
        services.AddSingleton<WireClock>();
        services.AddSingleton<SmtpServices>();
        services.AddSingleton<IMailTransport, RemoteSmtp>();
        services.AddKeyedSingleton<IWireHandler>("smtp", static (s, _) => new SmtpHandler(SmtpProfile.Smtp, s.GetRequiredService<SmtpServices>()));
        services.AddKeyedSingleton<IWireHandler>("submission", static (s, _) => new SmtpHandler(SmtpProfile.Submission, s.GetRequiredService<SmtpServices>()));
        services.AddKeyedSingleton<IWireHandler>("lmtp", static (s, _) => new SmtpHandler(LmtpCommands.Profile, s.GetRequiredService<SmtpServices>()));
        services.AddSingleton<Pop3Services>();
        services.AddKeyedSingleton<IWireHandler, Pop3Handler>("pop3");
        services.AddKeyedSingleton<IWireHandler, ImapHandler>("imap");
        return services;
    }
}
