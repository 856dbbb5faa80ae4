using Webmail.MailCore.Model;
using Webmail.Protocols.Imap.Fetch;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Search;

/// <summary>A result option of extended SEARCH and SORT.</summary>
internal abstract record SearchReturn
{
    /// <summary>Writes its data, beginning with a space; nothing where there is none.</summary>
    public abstract void Write(SearchHits hits, ImapWriter writer);

    /// <summary>Of which messages its data speaks: what SAVE keeps (RFC 5182 section 2.1), and whose modseq is told (RFC 4731 section 3.2).</summary>
    public virtual SearchHits About(SearchHits hits) => hits;

    public sealed record Min : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
            if (hits.Count > 0)
                writer.Write($" MIN {hits.First}");
        }

        public override SearchHits About(SearchHits hits) => hits.Slice(0, 1);
    }

    public sealed record Max : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
            if (hits.Count > 0)
                writer.Write($" MAX {hits.Last}");
        }

        public override SearchHits About(SearchHits hits) => hits.Slice(hits.Count - 1, hits.Count);
    }

    public sealed record All : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
            if (hits.Count == 0)
                return;
            writer.Raw(" ALL "u8);
            hits.WriteSet(writer);
        }
    }

    public sealed record Count : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer) => writer.Write($" COUNT {hits.Count}");
    }

    /// <summary>RFC 5182: the result becomes "$".</summary>
    public sealed record Save : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
        }
    }

    /// <summary>RFC 5267 section 4.2: a hint that the same search will come again. What is found is not kept; the texts are stored either way.</summary>
    public sealed record Context : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
        }
    }

    /// <summary>RFC 5267 section 4.3: the client is told what comes to the result and what leaves it.</summary>
    /// <param name="Items">What is fetched of new messages that come to it (RFC 5465 section 7).</param>
    public sealed record Update(IReadOnlyList<FetchItem> Items) : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
        }
    }

    /// <summary>RFC 6203 section 4: how well each of the messages fits of which the answer speaks.</summary>
    public sealed record Relevancy : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
            writer.Raw(" RELEVANCY ("u8);
            var first = true;
            foreach (var score in hits.Scores)
            {
                if (!first)
                    writer.Raw(" "u8);
                first = false;
                writer.Number(score);
            }

            writer.Raw(")"u8);
        }
    }

    /// <summary>RFC 9394 section 3.1.</summary>
    public sealed record Partial(PartialRange Range) : SearchReturn
    {
        public override void Write(SearchHits hits, ImapWriter writer)
        {
            writer.Write($" PARTIAL ({Range.First}:{Range.Last} ");
            var part = About(hits);
            if (part.Count == 0)
                writer.Raw("NIL"u8);
            else
                part.WriteSet(writer);
            writer.Raw(")"u8);
        }

        public override SearchHits About(SearchHits hits)
        {
            var (from, to) = Range.Of(hits.Count);
            return hits.Slice((int)from, (int)to);
        }
    }
}

internal delegate SearchReturn ParseReturn(ref ImapReader reader);

internal sealed record SearchReturnName(string Name, ParseReturn Parse, string? Capability = null);

/// <summary>RETURN (…) of SEARCH (RFC 4731) and of SORT (RFC 5267).</summary>
internal sealed class SearchReturns
{
    public static readonly NameTable<SearchReturnName> Table = new(
        [
            new("MIN", static (ref ImapReader _) => new SearchReturn.Min(), "ESEARCH"),
            new("MAX", static (ref ImapReader _) => new SearchReturn.Max()),
            new("ALL", static (ref ImapReader _) => new SearchReturn.All()),
            new("COUNT", static (ref ImapReader _) => new SearchReturn.Count()),
            new("SAVE", static (ref ImapReader _) => new SearchReturn.Save(), "SEARCHRES"),
            new("PARTIAL", static (ref ImapReader r) => Partial(ref r), "PARTIAL"),
            new("CONTEXT", static (ref ImapReader _) => new SearchReturn.Context(), "CONTEXT=SEARCH CONTEXT=SORT"),
            new("UPDATE", static (ref ImapReader r) => UpdateOf(ref r)),
            new("RELEVANCY", static (ref ImapReader _) => new SearchReturn.Relevancy()),
        ],
        static option => option.Name, "RETURN");

    /// <summary>Data is written in the order of the table.</summary>
    private static readonly SearchReturnName[] InOrder = [.. Table.All];

    /// <summary>RETURN ().</summary>
    public static readonly SearchReturns Everything = new([new SearchReturn.All()]);

    private readonly IReadOnlyList<SearchReturn> _options;

    private SearchReturns(IReadOnlyList<SearchReturn> options) => _options = options;

    /// <summary>Null: no news of the result are asked for.</summary>
    public SearchReturn.Update? Update => _options.OfType<SearchReturn.Update>().FirstOrDefault();

    public bool SaysRelevancy => _options.Any(static option => option is SearchReturn.Relevancy);

    public bool Saves => _options.Any(static option => option is SearchReturn.Save);

    /// <summary>RETURN and its list where they stand here; an empty list means ALL (RFC 4731 section 3.1). Null: there is none.</summary>
    /// <param name="word">RETURN of which command it is, as <see cref="Feature.Words"/> says it.</param>
    public static SearchReturns? Parse(ref ImapReader r, string word)
    {
        if (!r.TakeOption("RETURN"u8, word))
            return null;
        r.Space();
        r.Open();
        var options = new SortedList<int, SearchReturn>();
        while (!r.NextIs(')'))
        {
            if (options.Count > 0)
                r.Space();
            var name = Table.Find(r.Name(), r.Rules) ?? throw new SyntaxException("There is no such result option");
            var option = name.Parse(ref r);
            if (!options.TryAdd(Array.IndexOf(InOrder, name), option) && option is SearchReturn.Partial)
                throw new SyntaxException("Only one PARTIAL");
        }

        r.Close();
        r.Space();

        // RFC 9394 section 3.1: the one or the other.
        if (options.Values.Any(static o => o is SearchReturn.Partial) && options.Values.Any(static o => o is SearchReturn.All))
            throw new SyntaxException("ALL and PARTIAL don't go together");
        return options.Count == 0 ? Everything : new([.. options.Values]);
    }

    /// <summary>The ESEARCH response. Nothing where only SAVE was asked for (RFC 5182 section 2.1).</summary>
    public void Write(ImapSession session, SearchHits hits, ModSeq? modSeq)
    {
        if (_options is [SearchReturn.Save])
            return;
        session.Out.Write($"* ESEARCH (TAG {new Quoted(session.Tag)})");
        if (session.IsUidCommand)
            session.Out.Raw(" UID"u8);
        WriteData(session.Out, hits, modSeq);
    }

    /// <summary>The ESEARCH response that says which mailbox it is of (RFC 7377 section 2.1).</summary>
    public void Write(ImapSession session, MailboxName name, uint uidValidity, SearchHits hits, ModSeq? modSeq)
    {
        if (_options is [SearchReturn.Save])
            return;
        session.Out.Write($"* ESEARCH (TAG {new Quoted(session.Tag)} MAILBOX {name} UIDVALIDITY {uidValidity}) UID");
        WriteData(session.Out, hits, modSeq);
    }

    private void WriteData(ImapWriter writer, SearchHits hits, ModSeq? modSeq)
    {
        foreach (var option in _options)
            option.Write(option is SearchReturn.Relevancy ? Shown(hits) : hits, writer);
        if (modSeq is { } highest)
            writer.Write($" MODSEQ {highest}");
        writer.Raw("\r\n"u8);
    }

    /// <summary>The messages of which the answer speaks: all of them, unless MIN, MAX or PARTIAL alone choose some.</summary>
    public UidSet About(SearchHits hits)
    {
        var choosing = _options.Where(static o => o is not (SearchReturn.Save or SearchReturn.Context or SearchReturn.Update or SearchReturn.Relevancy)).ToList();
        if (choosing.Count == 0 || choosing.Exists(static o => o is SearchReturn.All or SearchReturn.Count))
            return hits.Uids;
        return UidSet.From(choosing.SelectMany(option => option.About(hits).Uids));
    }

    /// <summary>What the answer names: all of it, or a part.</summary>
    private SearchHits Shown(SearchHits hits) => _options.OfType<SearchReturn.Partial>().FirstOrDefault()?.About(hits) ?? hits;

    private static SearchReturn.Update UpdateOf(ref ImapReader r)
    {
        if (!r.Remaining.StartsWith(" ("u8))
            return new([]);
        r.Space();
        return new(FetchItems.Parse(ref r));
    }

    private static SearchReturn.Partial Partial(ref ImapReader r)
    {
        r.Space();
        return new(PartialRange.Parse(ref r));
    }
}
