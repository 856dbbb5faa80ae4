using Webmail.Protocols.Smtp;
using Webmail.Protocols.Smtp.Commands;

namespace Webmail.Protocols.Lmtp;

/// <summary>LHLO (RFC 2033 section 4.1): EHLO by another name.</summary>
internal sealed record Lhlo(string Name) : IAnyTimeCommand<Lhlo>
{
    public static string Verb => "LHLO";

    public static Lhlo Parse(ref SmtpReader r) => new(Greetings.ReadName(ref r));

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) => Greetings.GreetAsync(session, Name);
}
