namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>XCLIENT, for trusted proxies only: nobody else hears of it.</summary>
internal sealed class XClientExtension : SmtpExtension
{
    public override string? Line(SmtpSession session) => session.IsFromProxy ? "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT" : null;
}
