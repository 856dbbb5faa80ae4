namespace Webmail.MailCore.Store.Search;

/// <summary>
/// REFERENCES (RFC 5256 section 3) and its kin REFS, over hashes of message ids. Links are made upwards only, and children are listed once all links stand. Nothing
/// recurses, so a chain of a hundred thousand answers is one.
/// </summary>
internal sealed class ReferenceThreads
{
    /// <summary>A message, or the place of one that isn't here.</summary>
    private sealed class Container
    {
        public ThreadedMessage? Message;
        public Container? Parent;
        public ThreadNode? Node;
        private List<Container>? _children;

        public IReadOnlyList<Container> Children => _children ?? (IReadOnlyList<Container>)[];

        /// <summary>Of the first child where there is no message (only at the top, RFC 5256 step 4).</summary>
        public ThreadedMessage First => Message ?? Children[0].First;

        /// <summary>Something was put below it, so that it may be part of a loop.</summary>
        public bool IsParent;

        public void Adopt(Container child)
        {
            child.Parent = this;
            (_children ??= []).Add(child);
        }

        /// <summary>The children of children that are no messages take their places.</summary>
        public void Prune()
        {
            if (_children?.Exists(static child => child.Message is null) != true)
                return;
            var children = _children;
            _children = null;
            foreach (var child in children)
            {
                if (child.Message is not null)
                    Adopt(child);
                else
                    child._children?.ForEach(Adopt);
            }
        }

        public void Sort() => _children?.Sort(ByDate);
    }

    private readonly List<Container> _top;

    public ReferenceThreads(IReadOnlyList<ThreadedMessage> messages)
    {
        var all = Linked(messages);
        foreach (var container in all)
            container.Parent?.Adopt(container);
        _top = Pruned(all.FindAll(static c => c.Parent is null));
        SortBelow(_top);
        _top.Sort(ByDate);
    }

    /// <summary>REFS: the thread whose last message came last stands last.</summary>
    public IReadOnlyList<ThreadNode> ByNewestArrival()
    {
        var newest = _top.ToDictionary(static top => top, static top => Below([top]).Max(static c => (c.Message?.Received ?? 0, c.Message?.Number ?? 0)));
        return Nodes([.. _top.OrderBy(top => newest[top])]);
    }

    /// <summary>The messages of which it matters whether they are replies: those that speak for a thread whose subject another has too.</summary>
    public IReadOnlyList<long> MessagesWithSharedSubjects() =>
    [
        .. _top.Where(static top => top.First.Subject.Length > 0).GroupBy(static top => top.First.Subject, SubjectComparer.Instance)
            .Where(static same => same.Skip(1).Any()).SelectMany(static same => same.Select(static top => top.First.Message)),
    ];

    /// <summary>REFERENCES, step 5: threads of one subject become one.</summary>
    /// <param name="replies">Messages whose subjects say that they are replies or forwarded.</param>
    public IReadOnlyList<ThreadNode> JoinedBySubject(IReadOnlySet<long> replies)
    {
        var bySubject = new Dictionary<byte[], Container>(SubjectComparer.Instance);
        foreach (var top in _top)
        {
            if (top.First.Subject.Length == 0)
                continue;
            if (!bySubject.TryGetValue(top.First.Subject, out var known)
                || (known.Message is not null && (top.Message is null || (IsReply(known, replies) && !IsReply(top, replies)))))
                bySubject[top.First.Subject] = top;
        }

        var joined = new List<Container>();
        foreach (var top in _top)
        {
            if (top.First.Subject is not { Length: > 0 } subject || bySubject[subject] == top)
            {
                joined.Add(top);
                continue;
            }

            var known = bySubject[subject];
            if (known.Message is null)
            {
                Join(known, top);
            }
            else if (IsReply(top, replies) && !IsReply(known, replies))
            {
                known.Adopt(top);
            }
            else
            {
                // Neither answers the other: an empty place holds both.
                var both = new Container();
                both.Adopt(known);
                both.Adopt(top);
                joined.Add(both);
                bySubject[subject] = both;
            }
        }

        var result = joined.Where(static c => c.Parent is null).ToList();
        SortBelow(result);
        result.Sort(ByDate);
        return Nodes(result);
    }

    private static bool IsReply(Container container, IReadOnlySet<long> replies) => replies.Contains(container.First.Message);

    /// <summary>Puts a thread, or the children of an empty place, into an empty place.</summary>
    private static void Join(Container place, Container top)
    {
        if (top.Message is not null)
        {
            place.Adopt(top);
            return;
        }

        foreach (var child in top.Children)
            place.Adopt(child);
    }

    /// <summary>Steps 1 and 2: every message in its container, linked to those that it names.</summary>
    private static List<Container> Linked(IReadOnlyList<ThreadedMessage> messages)
    {
        var byId = new Dictionary<long, Container>(messages.Count);
        var all = new List<Container>(messages.Count);
        foreach (var message in messages)
        {
            var own = message.Ancestry[0];
            Container container;
            if (own != 0 && byId.TryGetValue(own, out var known) && known.Message is null)
            {
                container = known;
            }
            else
            {
                // No id, or one that another message has too: a message by itself.
                all.Add(container = new());
                if (own != 0)
                    byId.TryAdd(own, container);
            }

            container.Message = message;
            Container? parent = null;
            foreach (var ancestor in message.Ancestry.AsSpan(1))
            {
                if (!byId.TryGetValue(ancestor, out var next))
                    all.Add(byId[ancestor] = next = new());
                if (parent is not null && next.Parent is null)
                    Link(parent, next);
                parent = next;
            }

            // The message itself knows best whose child it is.
            if (parent is not null)
                Link(parent, container);
        }

        return all;
    }

    /// <summary>Unless that would make a loop.</summary>
    private static void Link(Container parent, Container child)
    {
        if (parent == child || parent == child.Parent)
            return;
        for (var at = parent.Parent; at is not null && child.IsParent; at = at.Parent)
        {
            if (at == child)
                return;
        }

        child.Parent = parent;
        parent.IsParent = true;
    }

    /// <summary>Step 3: empty places go; their children take their place, but several at the top stay together.</summary>
    private static List<Container> Pruned(List<Container> top)
    {
        var all = Below(top);
        for (var i = all.Count - 1; i >= 0; i--)
            all[i].Prune();

        var kept = new List<Container>();
        foreach (var container in top)
        {
            if (container.Message is not null || container.Children.Count > 1)
            {
                kept.Add(container);
            }
            else if (container.Children is [var only])
            {
                only.Parent = null;
                kept.Add(only);
            }
        }

        return kept;
    }

    /// <summary>Containers and all below them, each before its children.</summary>
    private static List<Container> Below(List<Container> top)
    {
        var all = new List<Container>(top);
        for (var i = 0; i < all.Count; i++)
            all.AddRange(all[i].Children);
        return all;
    }

    /// <summary>Step 6: siblings by date.</summary>
    private static void SortBelow(List<Container> top)
    {
        // The lowest first: an empty place is as old as its first child.
        var all = Below(top);
        for (var i = all.Count - 1; i >= 0; i--)
            all[i].Sort();
    }

    private static int ByDate(Container a, Container b)
    {
        ThreadedMessage x = a.First, y = b.First;
        return x.Date != y.Date ? x.Date.CompareTo(y.Date) : x.Number.CompareTo(y.Number);
    }

    private static List<ThreadNode> Nodes(List<Container> top)
    {
        var all = Below(top);
        for (var i = all.Count - 1; i >= 0; i--)
            all[i].Node = new(all[i].Message?.Uid, all[i].Children.Count == 0 ? [] : [.. all[i].Children.Select(static child => child.Node!)]);
        return top.ConvertAll(static container => container.Node!);
    }
}
