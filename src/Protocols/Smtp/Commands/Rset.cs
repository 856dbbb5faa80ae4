namespace Webmail.Protocols.Smtp.Commands;

/// <summary>RSET (RFC 5321 section 4.1.1.5): the transaction under way is given up.</summary>
internal sealed record Rset : IAnyTimeCommand<Rset>
{
    private static readonly SmtpReply Ok = SmtpReply.Of(250, "2.0.0", "Ok");

    public static string Verb => "RSET";

    public static Rset Parse(ref SmtpReader r)
    {
        r.End();
        return new();
    }

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct)
    {
        await session.EndTransactionAsync();
        return SmtpHandler.Idle(session, Ok);
    }
}
