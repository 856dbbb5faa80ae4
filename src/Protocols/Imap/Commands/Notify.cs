using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Notify;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>NOTIFY (RFC 5465): from now on the client listens all the time, and says to what.</summary>
/// <param name="WithStatus">STATUS of the mailboxes at once, as a base for what comes.</param>
/// <param name="Groups">Empty: NONE.</param>
internal sealed record Notify(bool WithStatus, IReadOnlyList<EventGroup> Groups) : IAuthenticatedCommand<Notify>
{
    private const int MaxGroups = 50;

    private static readonly Reply TooMuch = Reply.No("This is too much to watch", Code.NotificationOverflow);

    public static Verb Verb { get; } = new("NOTIFY") { Capability = "NOTIFY" };

    public static Notify Parse(ref ImapReader r)
    {
        r.Space();
        var groups = new List<EventGroup>();
        var withStatus = false;
        if (r.TakeName("SET"u8))
        {
            r.Space();
            if (r.TakeName("STATUS"u8))
            {
                withStatus = true;
                r.Space();
            }

            do
                groups.Add(EventGroup.Parse(ref r));
            while (r.Take(' ') && !r.IsAtEnd);
        }
        else if (!r.TakeName("NONE"u8))
        {
            throw new SyntaxException("Expected SET or NONE");
        }

        r.End();
        return groups.Count(static group => group.Filter.IsSelected) > 1
            ? throw new SyntaxException("SELECTED and SELECTED-DELAYED can stand once only")
            : new(withStatus, groups);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (Groups.Any(static group => !group.IsKnown))
            return Reply.No("There is an event that is not known here", NotifyEvents.BadEvent);
        if (Groups.Count > MaxGroups)
            return TooMuch;
        var notifier = await Notifier.OpenAsync(session, mail, Groups, ct);

        // RFC 5465 section 3.1: SET implies a NOOP, whatever was asked for before.
        session.Listen(null);
        try
        {
            if (Groups.Count > 0 && session.Selected is { } box)
                await box.UpdateAsync(mayExpunge: true, ask: true, ct);
        }
        finally
        {
            session.Listen(notifier);
        }

        if (WithStatus)
            await notifier.WriteStatusAsync(ct);
        return Reply.Ok(Groups.Count == 0 ? "Nothing will be told" : "You will be told");
    }
}
