using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <param name="SwitchOn">False: it was on already.</param>
internal sealed record Enablable(string Name, Func<ImapSession, bool> SwitchOn, string? Capability = null);

/// <summary>What ENABLE switches on.</summary>
internal static class Enablables
{
    public static readonly NameTable<Enablable> Table = new(
        [
            new("CONDSTORE", static session => Once(session, session.IsCondstore, static s => s.SwitchOnCondstore())),
            new("QRESYNC", static session => Once(session, session.IsQresync, static s => s.SwitchOnQresync()), "QRESYNC"),
        ],
        static item => item.Name);

    private static bool Once(ImapSession session, bool isOn, Action<ImapSession> switchOn)
    {
        if (!isOn)
            switchOn(session);
        return !isOn;
    }
}

/// <summary>ENABLE (RFC 5161). Unknown names are no error and are not repeated; what was on already isn't either.</summary>
internal sealed record Enable(IReadOnlyList<Enablable> Items) : IAuthenticatedCommand<Enable>
{
    public static Verb Verb { get; } = new("ENABLE") { Capability = "ENABLE" };

    public static Enable Parse(ref ImapReader r)
    {
        var items = new List<Enablable>();
        do
        {
            r.Space();
            if (Enablables.Table.Find(r.Atom()) is { } item)
                items.Add(item);
        }
        while (!r.IsAtEnd);
        return new(items);
    }

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var enabled = Items.Where(item => item.SwitchOn(session)).ToList();
        session.Out.Raw("* ENABLED"u8);
        foreach (var item in enabled)
        {
            session.Out.Raw(" "u8);
            session.Out.Constant(item.Name);
        }

        session.Out.Line($"");
        return new(Reply.Done);
    }
}
