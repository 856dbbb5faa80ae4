using Webmail.Protocols.Smtp.Commands;

namespace Webmail.Protocols.Smtp;

/// <summary>Every command of SMTP and submission.</summary>
internal static class SmtpCommands
{
    public static CommandTable All { get; } = WithoutGreeting()
        .AnyTime<Ehlo>()
        .AnyTime<Helo>();

    /// <summary>What LMTP has too (RFC 2033 section 4: all but EHLO and HELO).</summary>
    public static CommandTable WithoutGreeting() => new CommandTable()
        .Greeted<Mail>()
        .InTransaction<Rcpt>()
        .InTransaction<Data>()
        .AnyTime<Bdat>()
        .AnyTime<Rset>()
        .AnyTime<Noop>()
        .AnyTime<Quit>()
        .AnyTime<Vrfy>()
        .AnyTime<Expn>()
        .AnyTime<Help>()
        .AnyTime<StartTls>()
        .Greeted<Auth>()
        .AnyTime<XClient>();
}
