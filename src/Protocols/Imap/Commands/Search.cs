using Webmail.MailCore.Model;
using Webmail.Protocols.Imap.Search;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SEARCH and UID SEARCH (RFC 3501 section 6.4.4), with RETURN (RFC 4731, RFC 5182, RFC 9394).</summary>
/// <param name="Returns">Null: no RETURN, answer in the old form.</param>
internal sealed record Search(SearchReturns? Returns, SearchProgram Program) : ISelectedCommand<Search>
{
    public static Verb Verb { get; } = new("SEARCH") { HasUidForm = true, HoldsExpunges = true };

    public static Search Parse(ref ImapReader r)
    {
        r.Space();
        var returns = SearchReturns.Parse(ref r, "SEARCH RETURN");
        return new(returns, SearchProgram.Parse(ref r, charsetIsNeeded: false));
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (SearchAnswer.Refusal(session, box, Returns) is { } refusal)
            return refusal;
        if (Program.Key is null)
            return SearchAnswer.UnknownCharset(box, Returns);
        var found = await Program.RunAsync(session, box, ct, Returns is { Saves: true });
        if (SearchAnswer.Refusal(found, Returns, terms: null) is { } refused)
            return refused;
        var relevancy = await SearchAnswer.RelevancyAsync(box.Mail, found, Returns, terms: null, ct);
        var hits = SearchHits.Of(box.View, found.Uids, session.IsUidCommand, relevancy);

        // RFC 9051 section 6.4.4: IMAP4rev2 knows no other answer than ESEARCH.
        if (Returns is null && session.IsRev2)
        {
            SearchReturns.Everything.Write(session, hits, found.HighestModSeq(found.Uids));
            return Reply.Ok("Searched");
        }

        if (Returns is null)
        {
            await hits.WriteAsync("SEARCH", session.Out, found.HighestModSeq(found.Uids), ct);
            return Reply.Ok("Searched");
        }

        SearchAnswer.Write(session, box, Returns, found, hits, terms: null, []);
        return Reply.Ok("Searched");
    }
}
