using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Webmail.MailCore.Data;

/// <summary>
/// EF Core's view of the database: directory and administration only. Mail itself is raw SQL in Store/Postgres and has no entities.
/// A table is a file in Configurations; a schema change is a hand-written class in Migrations (see <see cref="SqlMigration"/>).
/// </summary>
internal sealed class MailDbContext(DbContextOptions<MailDbContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(MailDbContext).Assembly);

    /// <summary>The one place that says how a context is set up: at run time, for migrations, and in tests.</summary>
    public static void Configure(DbContextOptionsBuilder options, NpgsqlDataSource dataSource) => Finish(options.UseNpgsql(dataSource));

    public static void Configure(DbContextOptionsBuilder options, NpgsqlConnection connection) => Finish(options.UseNpgsql(connection));

    // Migrations are SQL and carry no model, so EF always believes that the model has changed since the last one. A test compares the model
    // with a migrated database instead.
    private static void Finish(DbContextOptionsBuilder options) => options
        .UseSnakeCaseNamingConvention()
        .ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning));
}
