using System.Text;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>ENABLE (RFC 5161). Unknown names are no error and are not repeated.</summary>
internal sealed record Enable(IReadOnlyList<string> Names) : IAuthenticatedCommand<Enable>
{
    public static Verb Verb { get; } = new("ENABLE") { Capability = "ENABLE" };

    public static Enable Parse(ref ImapReader r)
    {
        var names = new List<string>();
        do
        {
            r.Space();
            names.Add(Encoding.ASCII.GetString(r.Atom()));
        }
        while (!r.IsAtEnd);
        return new(names);
    }

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var condstore = !session.IsCondstore && Names.Contains("CONDSTORE", StringComparer.OrdinalIgnoreCase);
        if (condstore)
        {
            session.Out.Line($"* ENABLED CONDSTORE");
            session.SwitchOnCondstore();
        }
        else
        {
            session.Out.Line($"* ENABLED");
        }

        return new(Reply.Done);
    }
}
