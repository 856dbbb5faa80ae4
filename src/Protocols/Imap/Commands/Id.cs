using System.Reflection;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>ID (RFC 2971). What the client says of itself is checked and not kept.</summary>
internal sealed record Id : IAnyStateCommand<Id>
{
    /// <summary>RFC 2971 section 3.3: at most 30 pairs.</summary>
    private const int MaxPairs = 30;

    private static readonly string Version = typeof(Id).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static Verb Verb { get; } = new("ID") { Capability = "ID" };

    public static Id Parse(ref ImapReader r)
    {
        r.Space();
        if (r.NextIs('('))
            Pairs(ref r);
        else if (!r.TakeName("NIL"u8))
            throw new SyntaxException("Expected a list or NIL");
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct)
    {
        session.Out.Line($"* ID (\"name\" \"Webmail\" \"version\" {new Quoted(Version)})");
        return new(Reply.Done);
    }

    private static void Pairs(ref ImapReader r)
    {
        r.Open();
        for (var n = 0; !r.NextIs(')'); n++)
        {
            if (n > 0)
                r.Space();
            if (n == MaxPairs)
                throw new SyntaxException("There are too many fields");
            r.String();
            r.Space();
            r.NString();
        }

        r.Close();
    }
}
