namespace Webmail.Protocols.Smtp.Extensions;

/// <summary>SIZE (RFC 1870): looked at here, and again while the message is read. SIZE 0 says that there is no limit.</summary>
internal sealed class Size : SmtpExtension
{
    public override IReadOnlyList<string> MailKeywords => ["SIZE"];

    public static SmtpReply TooLarge(long limit) => SmtpReply.Of(552, "5.3.4", $"The message is larger than {limit} octets");

    public override string Line(SmtpSession session) => $"SIZE {session.Settings.Limits.MessageSize}";

    public override SmtpReply? OnMail(SmtpSession session, SmtpParameter parameter, MailOptions options)
    {
        if (SmtpReader.NumberOf(parameter.Value) is not { } size)
            return Bad("SIZE");
        options.Size = size;
        var limit = session.Settings.Limits.MessageSize;
        return limit > 0 && size > limit ? TooLarge(limit) : null;
    }
}
