using System.Text;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>
/// IDLE (RFC 2177). The loop waits in one read, without a buffer, a timer or a task of its own: a change or a round of <see cref="IdleRounds"/> wakes that read.
/// </summary>
internal sealed record Idle : IAuthenticatedCommand<Idle>
{
    private const int MaxLine = 1024;

    public static Verb Verb { get; } = new("IDLE") { Capability = "IDLE" };

    public static Idle Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        session.Out.Line($"+ idling");
        using var waiter = session.Server.Rounds.Join(session);
        using var account = mail.Changes.WatchAccount(mail.Principal, waiter.AccountChanged);
        var box = session.Selected;
        if (box is not null)
            box.IsWaiting = true;
        try
        {
            return await WaitAsync(session, box, waiter, ct);
        }
        finally
        {
            if (box is not null)
                box.IsWaiting = session.Notifier is not null;
        }
    }

    private static async ValueTask<Reply> WaitAsync(ImapSession session, SelectedMailbox? box, IdleRounds.Waiter waiter, CancellationToken ct)
    {
        // The mailbox has been watched since it was opened: nothing is read that no hint asks for.
        for (var rounds = 0; ;)
        {
            if (box is not null)
                await box.UpdateAsync(mayExpunge: true, box.IsStale, ct);
            if (session.Notifier is { } notifier)
                await notifier.WriteAsync(ct);
            session.Out.Commit();
            var line = await session.Wire.ReadLineAsync(MaxLine, LineEnding.CrLfOrLf, ct);
            if (line.Status == ReadStatus.Data)
                return Ascii.EqualsIgnoreCase(line.Bytes.Span, "DONE"u8) ? Reply.Ok("Idle completed") : Reply.Bad("Expected DONE");
            if (line.Status == ReadStatus.TooLong)
                return Reply.Bad("Expected DONE");
            if (line.Status != ReadStatus.Woken)
                throw new ConnectionEndedException(line.Status);
            var due = waiter.Take();
            if (due != IdleRounds.Due.Nothing && !await session.IsCurrentAsync(ct))
            {
                session.Out.Line($"* BYE This account may not go on here; log in again");
                return Reply.No("This account may not go on here", Code.NoPerm) with { After = After.Close };
            }

            if (due == IdleRounds.Due.Round && ++rounds % IdleRounds.WordEvery == 0)
                session.Out.Line($"* OK Still here");
        }
    }
}
