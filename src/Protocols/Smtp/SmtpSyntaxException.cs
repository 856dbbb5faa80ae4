namespace Webmail.Protocols.Smtp;

/// <summary>A command line that doesn't follow the grammar, with the reply that says so.</summary>
internal sealed class SmtpSyntaxException(SmtpReply reply) : Exception(reply.ToString())
{
    public SmtpReply Reply { get; } = reply;

    public static SmtpSyntaxException Arguments(string text) => new(SmtpReply.Of(501, "5.5.4", text));
}
