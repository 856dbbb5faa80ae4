using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>What may follow the items of FETCH in parentheses.</summary>
/// <param name="ChangedSince">CHANGEDSINCE (RFC 7162 section 3.1.4.1); null: not given.</param>
/// <param name="Vanished">VANISHED (section 3.2.6).</param>
/// <param name="Partial">PARTIAL (RFC 9394 section 3.3); null: not given.</param>
internal sealed record FetchModifiers(ModSeq? ChangedSince, bool Vanished, PartialRange? Partial)
{
    public static FetchModifiers Parse(ref ImapReader r)
    {
        ModSeq? since = null;
        var vanished = false;
        PartialRange? partial = null;
        if (r.Take(' ') && !r.IsAtEnd)
        {
            r.Open();
            do
            {
                if (since is null && r.TakeOption("CHANGEDSINCE"u8, "FETCH CHANGEDSINCE"))
                {
                    r.Space();
                    since = new(r.Number64());
                }
                else if (r.IsUid && !vanished && r.TakeOption("VANISHED"u8, "FETCH VANISHED"))
                {
                    vanished = true;
                }
                else if (r.IsUid && partial is null && r.TakeOption("PARTIAL"u8, "FETCH PARTIAL"))
                {
                    r.Space();
                    partial = PartialRange.Parse(ref r);
                }
                else
                {
                    throw new SyntaxException("There is no such modifier");
                }
            }
            while (r.Take(' '));
            r.Close();
        }

        return vanished && since is null ? throw new SyntaxException("VANISHED needs CHANGEDSINCE") : new(since, vanished, partial);
    }
}
