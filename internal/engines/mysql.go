package engines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	driver "github.com/go-sql-driver/mysql"
)

func startMySQL(durable bool) (*server, error) {
	if dsn := os.Getenv("OMS_MYSQL_DSN"); dsn != "" {
		return mysqlAt(dsn, nil)
	}
	return ownMySQL(durable)
}

// ownMySQL starts a server from the binaries on the machine.
func ownMySQL(durable bool) (*server, error) {
	k, err := newKeeper("oms-mysql", durable)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(k.dir, "data")
	bin, err := installMySQL(k, data)
	if err != nil {
		return nil, errors.Join(err, k.remove())
	}
	socket := filepath.Join(k.dir, "s")
	args := []string{
		"--no-defaults", "--datadir=" + data, "--socket=" + socket, "--pid-file=" + filepath.Join(k.dir, "pid"), "--skip-networking",
		"--max-connections=400", "--innodb-buffer-pool-size=128M", "--character-set-server=utf8mb4",
	}
	if !durable {
		args = append(args, "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-flush-method=nosync", "--sync-binlog=0", "--loose-sync-frm=0")
	}
	s, err := mysqlAt("root@unix("+socket+")/", k.stop)
	if err != nil {
		return nil, err
	}
	return s, s.keptBy(k, "KILL", bin, args)
}

// installMySQL makes the folder of a server, and finds its binary.
func installMySQL(k *keeper, data string) (string, error) {
	bin, err := binaries("mariadbd", "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/opt/mariadb/bin")
	if err == nil {
		install, err := binaries("mariadb-install-db", "/usr/bin", "/usr/local/bin", "/opt/homebrew/opt/mariadb/bin")
		if err != nil {
			return "", err
		}
		return filepath.Join(bin, "mariadbd"), k.run(filepath.Join(install, "mariadb-install-db"),
			"--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-flush-method=nosync")
	}
	bin, absent := binaries("mysqld", "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/opt/mysql/bin")
	if absent != nil {
		return "", errors.Join(err, absent)
	}
	mysqld := filepath.Join(bin, "mysqld")
	return mysqld, k.run(mysqld, "--no-defaults", "--initialize-insecure", "--datadir="+data)
}

func mysqlAt(dsn string, stop func()) (*server, error) {
	config, err := driver.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("OMS_MYSQL_DSN: %w", err)
	}
	s := &server{stop: stop, version: "MySQL"}
	s.open = func(database string) (*sql.DB, error) {
		c := config.Clone()
		if database != "" {
			c.DBName = database
		}
		connector, err := driver.NewConnector(c)
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(connector), nil
	}
	s.dsn = func(database string) string {
		c := config.Clone()
		c.DBName = database
		return c.FormatDSN()
	}
	s.create = func(ctx context.Context, admin *sql.DB, database string) error {
		_, err := admin.ExecContext(ctx, "CREATE DATABASE "+database)
		return err
	}
	s.drop = func(ctx context.Context, admin *sql.DB, database string) error {
		_, err := admin.ExecContext(ctx, "DROP DATABASE "+database)
		return err
	}
	return s, nil
}
