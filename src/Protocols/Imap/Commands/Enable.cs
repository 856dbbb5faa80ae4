using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

internal sealed record Enablable(string Name, Func<ImapSession, bool> IsOn, Action<ImapSession> SwitchOn, string? Capability = null);

/// <summary>What ENABLE switches on.</summary>
internal static class Enablables
{
    public static readonly NameTable<Enablable> Table = new(
        [
            new("IMAP4rev2", static session => session.IsRev2, static session => session.SwitchOnRev2()),
            new("CONDSTORE", static session => session.IsCondstore, static session => session.SwitchOnCondstore()),
            new("UTF8=ACCEPT", static session => session.IsUtf8, static session => session.SwitchOnUtf8(), "UTF8=ACCEPT"),
            new("UIDONLY", static session => session.IsUidOnly, static session => session.SwitchOnUidOnly(), "UIDONLY"),
            new("QRESYNC", static session => session.IsQresync, static session => session.SwitchOnQresync(), "QRESYNC"),
        ],
        static item => item.Name, "ENABLE");
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
            if (Enablables.Table.Find(r.Atom(), r.Rules) is { } item)
                items.Add(item);
        }
        while (!r.IsAtEnd);
        return new(items);
    }

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var enabled = Items.Distinct().Where(item => !item.IsOn(session)).ToList();
        session.Out.Raw("* ENABLED"u8);
        foreach (var item in enabled)
        {
            session.Out.Raw(" "u8);
            session.Out.Constant(item.Name);
        }

        session.Out.Line($"");
        enabled.ForEach(item => item.SwitchOn(session));
        return new(Reply.Done);
    }
}
