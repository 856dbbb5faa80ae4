using Webmail.MailCore.Model;

namespace Webmail.Protocols.Pop3.Commands;

/// <summary>QUIT (RFC 1939 section 6): the only way to the UPDATE state, in which the marked messages are removed.</summary>
internal sealed record Quit : IAnyStateCommand<Quit>
{
    public static Verb Verb { get; } = new("QUIT");

    public static Quit Parse(ref Pop3Reader r)
    {
        r.End();
        return new();
    }

    /// <summary>Closes in every case: a client that hears -ERR has its messages still, and deletes them next time.</summary>
    public async ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        if (session.Maildrop is not { } drop)
            return Pop3Reply.Ok("Bye").Then(After.Close);
        try
        {
            var removed = await drop.UpdateAsync(ct);
            await drop.MarkSeenAsync(ct);
            return Pop3Reply.Ok(removed == 0 ? "Bye" : $"Bye, {removed} messages removed").Then(After.Close);
        }
        catch (MailException e)
        {
            // RFC 1939 section 6: told, and closed all the same.
            return Pop3Errors.ReplyFor(e).Then(After.Close);
        }
    }
}
